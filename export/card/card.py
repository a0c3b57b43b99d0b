"""The model card of a bundle: what it is, what was measured, what it must not be used for."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import resources
from pathlib import PurePosixPath
from typing import NamedTuple

import jinja2
import yaml

from mitokeras.data.fields import SPLITS
from mitokeras.detect.spec import DetectorSpec
from mitokeras.detect.windows import WHOLE_PX
from mitokeras.export.card.notes import PICTURES
from mitokeras.export.parity.record import Parity
from mitokeras.report.numbers import (
    UNDEFINED,
    duration_text,
    interval_text,
    listed_text,
    number_text,
)
from mitokeras.report.score_table import gain_text
from mitokeras.run.record import RunRecord, RunSettings
from mitokeras.score.crossvalidation import CrossValidation, trade_off
from mitokeras.score.scores import STAGE_NAMES, CaseScores, Metrics, Scores

LIBRARIES = {"tflite": "litert", "onnx": "onnx", "savedmodel": "tensorflow"}
"""Format -> `library_name` of the Hub. Its `keras` opens `.keras` files only."""

FORMAT_NAMES = {"tflite": "TFLite", "onnx": "ONNX", "savedmodel": "SavedModel"}

RATES = {"f1": "F1", "precision": "Precision", "recall": "Recall"}

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
    "tf_serving_warmup_requests": "TF Serving's warm-up requests",
}

_NAMELESS_NOTE = re.compile(
    r"(labels: |spacing assumed |the masks give |no cases\.csv: |\d+ boxes have |"
    r"\d+ JPEG frames are left out|\d+ of \d+ images have no (case|row) |the start has ).*"
    r"|\d+ frames are JPEG; [^:]*"
)
"""The part of a run's note that can name no case or file; a card shows nothing else of them."""


@dataclass(frozen=True, eq=False)
class CardFacts:
    """What a model card is written from.

    Attributes:
        spec: Content of the bundle's `detector.json`.
        metrics: Content of the run's `metrics.json`.
        record: Content of the run's `run.json`.
        parity: Content of the bundle's `parity.json`.
        files: Name inside the bundle, bytes and SHA-256 of each file.
        train_figures: Number of mitotic figures in the training fields.
        crossvalidation: Scores of the recipe, where there are some.
        notes: Sections in Markdown that somebody wrote.
    """

    spec: DetectorSpec
    metrics: Metrics
    record: RunRecord
    parity: Parity
    files: Sequence[tuple[str, int, str]]
    train_figures: int
    crossvalidation: CrossValidation | None = None
    notes: str = ""


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
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters.update(number=number_text, interval=interval_text, duration=duration_text)
    environment.filters.update(plain=_plain, listed=listed_text, small=_small, size=_size)
    environment.filters.update(versions=_versions, gain_text=gain_text)
    environment.globals.update(count=_count)
    source = resources.files("mitokeras.export.card").joinpath("model_card.md.jinja")
    template = environment.from_string(source.read_text(encoding="utf-8"))
    return template.render(facts=facts, spec=facts.spec, **_context(facts))


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
        "header": yaml.safe_dump(_header(facts), sort_keys=False, allow_unicode=True),
        "title": _title(facts),
        "format": parity.format,
        "whole_px": f"{WHOLE_PX / 1e6:g}",
        "format_name": FORMAT_NAMES[parity.format],
        "quantize": "" if parity.quantize == "none" else parity.quantize,
        "dataset": dataset_name(settings),
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


def dataset_name(settings: RunSettings) -> str:
    """Names of the data sets' folders, without their places."""
    if settings.is_synthetic:
        return "synthetic fields of mitokeras"
    return ", ".join(settings.datasets)


def _header(facts: CardFacts) -> dict[str, object]:
    """The metadata that the Hub reads.

    Source: https://github.com/huggingface/hub-docs/blob/main/modelcard.md
    """
    parity, known = facts.parity, facts.record.settings.licence
    other = {"license": "other", "license_name": "see-training-data"}
    tags = ["mitosis", "histopathology", "digital-pathology", "mitokeras", parity.format]
    results = _index(facts)
    return {
        "language": ["en"],
        **(other if known is None else {"license": known.lower()}),
        "library_name": LIBRARIES[parity.format],
        "pipeline_tag": "image-segmentation",
        "tags": tags + [parity.quantize] * (parity.quantize != "none"),
        "metrics": list(RATES),
        **({"model-index": [{"name": _title(facts), "results": results}]} if results else {}),
    }


def _index(facts: CardFacts) -> list[dict[str, object]]:
    """The results of the Hub's `model-index`; a rate that is not defined is left out."""
    parity, dataset = facts.parity, dataset_name(facts.record.settings)
    measured = "" if parity.quantize == "none" else ", before quantisation"
    results: list[dict[str, object]] = []
    for split, scores in reversed(facts.metrics.scored().items()):
        rule = f"protocol {scores.protocol}, {listed_text(scores.match_radius_um)} um"
        metrics = [
            {
                "type": rate,
                "value": round(getattr(own, rate), 4),
                "name": f"{name}, {STAGE_NAMES[stage]} ({rule}{measured})",
            }
            for stage, own in reversed(scores.by_stage().items())
            for rate, name in RATES.items()
            if getattr(own, rate) is not None
        ]
        own_f1 = None if parity.validation is None else parity.validation.artefact_f1
        if split == "validation" and measured and own_f1 is not None:
            name = f"F1, both stages ({rule}, {parity.quantize})"
            metrics.append({"type": "f1", "value": round(own_f1, 4), "name": name})
        if metrics:
            results.append(
                {
                    "task": {"type": "object-detection", "name": "Detection of mitotic figures"},
                    "dataset": {
                        "type": re.sub(r"[^a-z0-9]+", "-", dataset.lower()).strip("-") or "own",
                        "name": f"{dataset}, {split} fields",
                        "split": split,
                    },
                    "metrics": metrics,
                }
            )
    return results


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


def _title(facts: CardFacts) -> str:
    parity = facts.parity
    quantized = "" if parity.quantize == "none" else f" {parity.quantize}"
    return f"mitokeras {facts.record.settings.preset}, {FORMAT_NAMES[parity.format]}{quantized}"


def _what(facts: CardFacts, name: str) -> str:
    roles = [role for role, model in facts.spec.models.items() if model.file == name]
    if roles:
        return "both networks" if len(roles) == 2 else f"the {roles[0]}"
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
