"""The model card of a bundle: what it is, what was measured, what it must not be used for."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import resources
from pathlib import PurePosixPath
from typing import Any, Literal

import jinja2
import yaml

from mitokeras.crossvalidation.results import trade_off
from mitokeras.data.fields import SPLITS
from mitokeras.detect.spec import DetectorSpec
from mitokeras.export.card.notes import PICTURES
from mitokeras.export.card.provenance import (
    dataset_name,
    first_weights,
    is_synthetic,
    sources,
    unstated_licenses,
    weights_license,
)
from mitokeras.export.crossvalidation import CrossValidationScores
from mitokeras.report.numbers import UNDEFINED, duration_text, interval_text, number_text
from mitokeras.report.score_table import STAGE_NAMES
from mitokeras.score.evaluation import STAGES

LIBRARIES = {"tflite": "litert", "onnx": "onnx", "savedmodel": "tensorflow"}
"""Format -> `library_name` of the Hub. Its `keras` opens `.keras` files only."""

FORMAT_NAMES = {"tflite": "TFLite", "onnx": "ONNX", "savedmodel": "SavedModel"}

RATES = {"f1": "F1", "precision": "Precision", "recall": "Recall"}

_FILES = {
    "detector.json": "spacing, tile, stain policy, thresholds, crop, hash of each model file",
    "parity.json": "how the networks were compared with the Keras networks",
    "crossvalidation.json": "what detectors of the same recipe scored on cases they had not seen",
    "learned_images.json": "SHA-256 of the images learned from, which `evaluate` leaves out",
    "rdf.yaml": "bioimage.io description of stage 1",
    "test_input.npy": "test tensor of rdf.yaml",
    "test_output.npy": "test tensor of rdf.yaml",
    "config.json": "WSInfer-style description of stage 2",
    "tf_serving_warmup_requests": "TF Serving's warm-up requests",
}

_NAMELESS_NOTE = re.compile(
    r"(labels: |spacing assumed |the masks give |no cases\.csv: |\d+ boxes have |"
    r"\d+ JPEG frames are left out|\d+ of \d+ images have no (case|row) ).*"
    r"|\d+ frames are JPEG; [^:]*"
)
"""The part of a run's note that can name no case or file; a card shows nothing else of them."""


@dataclass(frozen=True, eq=False)
class CardFacts:
    """What a model card is written from.

    Attributes:
        format: Of the bundle.
        quantize: Of its networks.
        spec: Content of its `detector.json`.
        metrics: Content of the run's `metrics.json`.
        record: Content of the run's `run.json`.
        parity: Content of the bundle's `parity.json`.
        files: Name inside the bundle, bytes and SHA-256 of each file.
        train_figures: Mitotic figures of the training fields, or None if not known.
        crossvalidation: Of the recipe, where there was one.
        notes: Sections in Markdown that somebody wrote.
    """

    format: Literal["tflite", "onnx", "savedmodel"]
    quantize: Literal["none", "float16", "dynamic", "int8"]
    spec: DetectorSpec
    metrics: Mapping[str, Any]
    record: Mapping[str, Any]
    parity: Mapping[str, Any]
    files: Sequence[tuple[str, int, str]]
    train_figures: int | None = None
    crossvalidation: CrossValidationScores | None = None
    notes: str = ""


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
    environment.filters.update(plain=_plain, listed=_listed, small=_small, size=_size)
    environment.filters.update(versions=_versions)
    environment.globals.update(count=_count)
    source = resources.files("mitokeras.export.card").joinpath("model_card.md.jinja")
    template = environment.from_string(source.read_text(encoding="utf-8"))
    return template.render(facts=facts, spec=facts.spec, **_context(facts))


def _context(facts: CardFacts) -> dict[str, Any]:
    """What the template shows besides the facts as they came."""
    record = facts.record
    of_sources = tuple(f"{source.name}: " for source in sources(record))
    notes = []
    for note in record["notes"]:
        prefix = next(filter(note.startswith, of_sources), "")
        if match := _NAMELESS_NOTE.match(note.removeprefix(prefix)):
            notes.append(prefix + match.group())
    return {
        "header": yaml.safe_dump(_header(facts), sort_keys=False, allow_unicode=True),
        "title": _title(facts),
        "format_name": FORMAT_NAMES[facts.format],
        "quantize": "" if facts.quantize == "none" else facts.quantize,
        "dataset": dataset_name(record),
        "sources": sources(record),
        "synthetic": is_synthetic(record),
        "first_weights": first_weights(record),
        "license": weights_license(record),
        "unstated": unstated_licenses(record),
        "files": [(name, size, sha256, _what(facts, name)) for name, size, sha256 in facts.files],
        "splits": _splits(facts),
        "shared": _shared_cases(record),
        "notes": notes,
        "notes_left_out": len(record["notes"]) - len(notes),
        "scored": _scored(facts.metrics),
        "point_intervals": _has_point_intervals(facts.metrics),
        "stages": STAGE_NAMES,
        "cases": _cases(facts.metrics),
        "trade_off": trade_off(facts.crossvalidation.curve) if facts.crossvalidation else [],
    }


def _header(facts: CardFacts) -> dict[str, Any]:
    """The metadata that the Hub reads.

    Source: https://github.com/huggingface/hub-docs/blob/main/modelcard.md
    """
    known = weights_license(facts.record)
    other = {"license": "other", "license_name": "see-training-data"}
    tags = ["mitosis", "histopathology", "digital-pathology", "mitokeras", facts.format]
    results = _index(facts)
    return {
        "language": ["en"],
        **(other if known is None else {"license": known.lower()}),
        "library_name": LIBRARIES[facts.format],
        "pipeline_tag": "image-segmentation",
        "tags": tags + [facts.quantize] * (facts.quantize != "none"),
        "metrics": list(RATES),
        **({"model-index": [{"name": _title(facts), "results": results}]} if results else {}),
    }


def _index(facts: CardFacts) -> list[dict[str, Any]]:
    """The results of the Hub's `model-index`; a rate that is not defined is left out."""
    measured = "" if facts.quantize == "none" else ", before quantisation"
    results = []
    for split, report in reversed(_scored(facts.metrics).items()):
        rule = f"protocol {report['protocol']}, {_listed(report['match_radius_um'])} um"
        metrics = [
            {
                "type": rate,
                "value": round(report[stage][rate], 4),
                "name": f"{name}, {STAGE_NAMES[stage]} ({rule}{measured})",
            }
            for stage in reversed(STAGES)
            for rate, name in RATES.items()
            if report[stage][rate] is not None
        ]
        own = facts.parity["validation"]
        if split == "validation" and measured and own and own["artefact_f1"] is not None:
            name = f"F1, both stages ({rule}, {facts.quantize})"
            metrics.append({"type": "f1", "value": round(own["artefact_f1"], 4), "name": name})
        if metrics:
            dataset = dataset_name(facts.record)
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


def _scored(metrics: Mapping[str, Any]) -> dict[str, Any]:
    """The splits that were scored and held a field."""
    reports = {split: metrics.get(split) for split in ("validation", "test")}
    return {split: report for split, report in reports.items() if report and report["fields"]}


def _has_point_intervals(metrics: Mapping[str, Any]) -> bool:
    intervals = (
        interval
        for report in _scored(metrics).values()
        for stage in STAGES
        for interval in report[stage]["ci95"].values()
    )
    return any(low is not None and low == high for low, high in intervals)


def _splits(facts: CardFacts) -> list[dict[str, Any]]:
    """A row for each split; a number that is not known is None."""
    rows = []
    scored = _scored(facts.metrics)
    for split in SPLITS:
        cases = [f["case"] for f in facts.record["fields"] if f["split"] == split]
        report = scored.get(split, {})
        rows.append(
            {
                "name": split,
                "fields": len(cases),
                "cases": len(set(cases)),
                "figures": facts.train_figures if split == "train" else report.get("figures"),
                "area_mm2": report["both"]["area_mm2"] if report else None,
            }
        )
    return rows


def _shared_cases(record: Mapping[str, Any]) -> dict[str, int]:
    """Validation and test -> the number of their cases that training has fields of as well."""
    cases = {
        split: {f["case"] for f in record["fields"] if f["split"] == split} for split in SPLITS
    }
    shared = {split: len(cases[split] & cases["train"]) for split in ("validation", "test")}
    return {split: number for split, number in shared.items() if number}


def _cases(metrics: Mapping[str, Any]) -> list[tuple[int, str, dict[str, Any]]]:
    """Number, split and scores by stage of each case: a name could be that of a patient."""
    scored = _scored(metrics)
    names = sorted({name for report in scored.values() for name in report["both"]["per_case"]})
    return [
        (number, split, {stage: report[stage]["per_case"][name] for stage in STAGES})
        for split, report in scored.items()
        for number, name in enumerate(names, 1)
        if name in report["both"]["per_case"]
    ]


def _title(facts: CardFacts) -> str:
    quantized = "" if facts.quantize == "none" else f" {facts.quantize}"
    preset = facts.record["settings"]["preset"]
    return f"mitokeras {preset}, {FORMAT_NAMES[facts.format]}{quantized}"


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


def _listed(value: float | Sequence[float]) -> str:
    return ", ".join(f"{v:g}" for v in (value if isinstance(value, Sequence) else [value]))


def _size(size: int) -> str:
    return f"{size / 1e6:.2f} MB" if size >= 1e5 else f"{size / 1e3:.1f} kB"


def _small(value: float | None) -> str:
    return UNDEFINED if value is None else f"{value:.3g}"


def _versions(environment: Mapping[str, str] | None) -> str:
    return ", ".join(f"{name} {value}" for name, value in (environment or {}).items()) or UNDEFINED
