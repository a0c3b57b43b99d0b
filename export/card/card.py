"""The model card of a bundle: what it is, what was measured, what it must not be used for."""

from __future__ import annotations

import re
from collections.abc import Mapping
from importlib import resources
from pathlib import PurePosixPath
from typing import NamedTuple

import jinja2
import yaml

from mitokeras.data.fields import SPLITS
from mitokeras.detect.windows import WHOLE_PX
from mitokeras.export.card.facts import FORMAT_NAMES, CardFacts
from mitokeras.export.card.header import header
from mitokeras.export.card.notes import PICTURES
from mitokeras.report.numbers import (
    UNDEFINED,
    duration_text,
    interval_text,
    listed_text,
    number_text,
)
from mitokeras.report.score_table import gain_text
from mitokeras.run.record import RunRecord
from mitokeras.score.crossvalidation import trade_off
from mitokeras.score.scores import STAGE_NAMES, CaseScores, Metrics, Scores

_FILES = {
    "detector.json": "spacing, tile, stain policy, thresholds, crop, hash of each model file",
    "parity.json": "how the networks were compared with the Keras networks",
    "crossvalidation.json": "what detectors of the same recipe scored on cases they had not seen",
    "learned_images.json": "SHA-256 of the images learned from, which `evaluate` leaves out",
    "learned_tissue.npz": "keypoints of that tissue, by which copies of it are known",
    "learned_stain.json": "range of the stains learned from, beyond which `predict` warns",
    "rdf.yaml": "bioimage.io description of stage 1",
    "test_input.npy": "test tensor of rdf.yaml",
    "test_output.npy": "test tensor of rdf.yaml",
    "sample_input.png": "the test tile of rdf.yaml, to look at",
    "sample_output.png": "the answer to it, to look at",
    "config.json": "configuration of the training",
    "start.json": "what the networks were fine-tuned from",
    "segmenter.keras": "Keras weights of the segmenter, for `mitokeras fit --start`",
    "classifier.keras": "Keras weights of the classifier, for `mitokeras fit --start`",
    "subtyper.keras": "Keras weights of the subtyper, for `mitokeras fit --start`",
    "tf_serving_warmup_requests": "TF Serving's warm-up requests",
}

_NAMELESS_NOTE = re.compile(
    r"(labels: |spacing assumed |the masks give |no cases\.csv: |\d+ boxes have |"
    r"\d+ JPEG frames are left out|\d+ of \d+ images have no (case|row) |the start has |"
    r"there is no stage 3: |stage 3 is that of the start: ).*"
    r"|\d+ frames are JPEG; [^:]*"
)
"""The part of a run's note that can name no case or file; a card shows nothing else of them."""


class SplitRow(NamedTuple):
    """A split of the data as the card shows it; None where it is not known."""

    name: str
    fields: int
    cases: int
    figures: int | None
    area_mm2: float | None


def model_card(facts: CardFacts) -> str:
    """Write the model card, Markdown with the header of the Hugging Face Hub.

    It holds no path of a disk and no name of a case.
    """
    environment = jinja2.Environment(
        loader=jinja2.FunctionLoader(_template),
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters.update(number=number_text, interval=interval_text, duration=duration_text)
    environment.filters.update(plain=_plain, listed=listed_text, small=_small, size=_size)
    environment.filters.update(versions=_versions, gain_text=gain_text)
    environment.globals.update(count=_count)
    template = environment.get_template("model_card.md.jinja")
    return template.render(facts=facts, spec=facts.spec, **_context(facts))


def _template(name: str) -> str:
    return resources.files("mitokeras.export.card").joinpath(name).read_text(encoding="utf-8")


def _context(facts: CardFacts) -> dict[str, object]:
    """What the template shows besides the facts as they came."""
    record, parity = facts.record, facts.parity
    settings = record.settings
    of_sources = tuple(f"{source.name}: " for source in settings.sources)
    notes = []
    for note in record.notes:
        prefix = next(filter(note.startswith, of_sources), "")
        if match := _NAMELESS_NOTE.match(note.removeprefix(prefix)):
            notes.append(prefix + match.group())
    return {
        "header": yaml.safe_dump(header(facts), sort_keys=False, allow_unicode=True),
        "title": facts.title,
        "format": parity.format,
        "whole_px": f"{WHOLE_PX / 1e6:g}",
        "format_name": FORMAT_NAMES[parity.format],
        "quantize": "" if parity.quantize == "none" else parity.quantize,
        "dataset": facts.dataset,
        "settings": settings,
        "files": [(name, size, sha256, _what(facts, name)) for name, size, sha256 in facts.files],
        "splits": _splits(facts),
        "shared": _shared_cases(record),
        "notes": notes,
        "notes_left_out": len(record.notes) - len(notes),
        "scored": facts.metrics.scored(),
        "point_intervals": _has_point_intervals(facts.metrics),
        "stages": STAGE_NAMES,
        "cases": _cases(facts.metrics),
        "trade_off": trade_off(facts.crossvalidation.curve) if facts.crossvalidation else [],
    }


def _has_point_intervals(metrics: Metrics) -> bool:
    intervals = (
        interval
        for scores in metrics.scored().values()
        for own in scores.by_stage().values()
        for interval in (own.ci95.precision, own.ci95.recall, own.ci95.f1)
    )
    return any(interval and interval[0] is not None and interval[0] == interval[1]
               for interval in intervals)  # fmt: skip


def _splits(facts: CardFacts) -> list[SplitRow]:
    rows = []
    scored = facts.metrics.scored()
    for split in SPLITS:
        cases = [field.case for field in facts.record.fields if field.split == split]
        scores = scored.get(split)
        figures = scores.figures if scores else None
        rows.append(
            SplitRow(
                name=split,
                fields=len(cases),
                cases=len(set(cases)),
                figures=facts.train_figures if split == "train" else figures,
                area_mm2=scores.both.area_mm2 if scores else None,
            )
        )
    return rows


def _shared_cases(record: RunRecord) -> dict[str, int]:
    """Validation and test -> the number of their cases that training has fields of as well."""
    cases = {
        split: {field.case for field in record.fields if field.split == split} for split in SPLITS
    }
    shared = {split: len(own & cases["train"]) for split, own in cases.items() if split != "train"}
    return {split: number for split, number in shared.items() if number}


def _cases(metrics: Metrics) -> list[tuple[int, str, dict[str, CaseScores]]]:
    """Number, split and scores by stage of each case: a name could be that of a patient."""
    scored = metrics.scored()
    names = sorted({name for scores in scored.values() for name in scores.both.per_case})
    return [
        (number, split, _of_case(scores, name))
        for split, scores in scored.items()
        for number, name in enumerate(names, 1)
        if name in scores.both.per_case
    ]


def _of_case(scores: Scores, case: str) -> dict[str, CaseScores]:
    return {stage: own.per_case[case] for stage, own in scores.by_stage().items()}


def _what(facts: CardFacts, name: str) -> str:
    roles = [role for role, model in facts.spec.models.items() if model.file == name]
    if roles:
        return {1: f"the {roles[0]}", 2: "both networks"}.get(len(roles), "all networks")
    if name.endswith(PICTURES):
        return "picture of this card"
    return _FILES.get(PurePosixPath(name).name, "")


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def _plain(text: str) -> str:
    """A text on one line without meaning to Markdown."""
    return re.sub(r"([\\`*\[\]|])", r"\\\1", " ".join(text.split())).replace("<", "&lt;")


def _size(size: int) -> str:
    return f"{size / 1e6:.2f} MB" if size >= 1e5 else f"{size / 1e3:.1f} kB"


def _small(value: float | None) -> str:
    return UNDEFINED if value is None else f"{value:.3g}"


def _versions(environment: Mapping[str, str] | None) -> str:
    return ", ".join(f"{name} {value}" for name, value in (environment or {}).items()) or UNDEFINED
