"""Scoring a detector on a data set, without the fields that it has learned from."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from mitokeras.data.fields import Field
from mitokeras.data.loading import load_field
from mitokeras.data.protocols import get_protocol
from mitokeras.detect.detector import FieldDetector
from mitokeras.detect.folder import model_folder
from mitokeras.disk.files import read_json, sha256_of
from mitokeras.errors import DataError, ModelError
from mitokeras.score.evaluation import ScoredField, evaluation_report

RUN_FILE = "run.json"
LEARNED_FILE = "learned_images.json"
"""In a bundle: a list of the SHA-256 of each image that its run trained or validated on."""


def evaluate(
    detector: FieldDetector, fields: Sequence[Field], model: str | Path, protocol: str | None = None
) -> dict[str, Any]:
    """Score both stages on the fields that are fair to score.

    Left out are fields that the run of the model trained or validated on, by the hash of their
    image, and where the data set prescribes test fields, its others.

    Args:
        detector: Loaded from `model`.
        fields: Of one data set.
        model: The run or bundle, or the name of a shipped model.
        protocol: A name of `PROTOCOLS`; that of the detector if None.

    Returns:
        What `evaluation_report` gives, and under "notes" what was left out.

    Raises:
        DataError: Nothing is left, or a field cannot be read.
    """
    kept, notes = _fair(fields, model)
    rule = get_protocol(protocol or detector.spec.protocol)
    scored = []
    for field in kept:
        loaded = load_field(field)
        height, width = loaded.mask.shape
        scored.append(
            ScoredField(
                name=field.image.name,
                case=field.case,
                spacing_um_px=field.spacing_um_px,
                area_mm2=height * width * field.spacing_um_px**2 / 1e6,
                truths=loaded.figures,
                candidates=detector.find(loaded.image, field.spacing_um_px, str(field.image)),
            )
        )
    return {**evaluation_report(scored, rule, detector.spec.thresholds), "notes": notes}


def _fair(fields: Sequence[Field], model: str | Path) -> tuple[list[Field], list[str]]:
    notes = []
    kept = list(fields)
    if any(field.split == "test" for field in fields):
        kept = [field for field in fields if field.split == "test"]
        notes.append(f"scored are the {len(kept)} fields that the data set prescribes for test")
    learned = _learned(model_folder(model))
    if learned is None:
        notes.append("the model does not say which images it learned from: all are scored")
    fair = [field for field in kept if not learned or sha256_of(field.image) not in learned]
    if len(fair) < len(kept):
        notes.append(
            f"{len(kept) - len(fair)} of {len(kept)} fields are left out: "
            "the model was trained or validated on them"
        )
    kept = fair
    if not kept:
        folder = fields[0].image.parent
        raise DataError(f"{folder}: the model was trained or validated on every field in it")
    return kept, notes


def _learned(model: Path) -> set[str] | None:
    """SHA-256 of the images that a run or bundle has learned from; None if it does not say so."""
    for name in (LEARNED_FILE, RUN_FILE):
        path = model / name
        if not path.is_file():
            continue
        values = read_json(path)
        try:
            if name == LEARNED_FILE:
                return _hashes(values)
            return _hashes([f["sha256"] for f in values["fields"] if f["split"] != "test"])
        except (KeyError, TypeError) as error:
            raise ModelError(f"{path}: must list the images that were learned from") from error
    return None


def _hashes(values: Any) -> set[str]:
    if not isinstance(values, list) or not all(isinstance(each, str) for each in values):
        raise TypeError("must be a list of hashes")
    return set(values)
