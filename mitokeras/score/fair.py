"""Scoring a detector on a data set, without the fields that it has learned from."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from mitokeras.data.fields import Field
from mitokeras.data.loading import load_field
from mitokeras.data.overlaps import overlaps_of
from mitokeras.data.protocols import get_protocol
from mitokeras.data.sharing import scored_once
from mitokeras.detect.detector import FieldDetector
from mitokeras.detect.folder import model_folder
from mitokeras.disk.files import read_json, sha256_of
from mitokeras.errors import DataError, ModelError
from mitokeras.run.record import RUN_FILE, read_record
from mitokeras.score.evaluation import ScoredField, covered_px, score_fields
from mitokeras.score.scores import Scores

LEARNED_FILE = "learned_images.json"
"""In a bundle: a list of the SHA-256 of each image that its run trained or validated on."""


def evaluate(
    detector: FieldDetector, fields: Sequence[Field], model: str | Path, protocol: str | None = None
) -> Scores:
    """Score both stages on the fields that are fair to score.

    Left out are fields that the run of the model trained or validated on, by the hash of their
    image, and where the data set prescribes test fields, its others; tissue that several fields
    show is scored in one of them. `notes` of the scores say so.

    Args:
        detector: Loaded from `model`.
        fields: The fields of one data set.
        model: The run or bundle, or the name of a shipped model.
        protocol: A name of `PROTOCOLS`; that of the detector if None.

    Raises:
        DataError: Nothing is left, or a field cannot be read.

    Example:
        >>> from mitokeras.data.readers import read_dataset
        >>> from mitokeras.data.synthetic.writer import write_synthetic
        >>> fields = read_dataset(write_synthetic(Path("unseen"), 2, seed=2, field_px=512)).fields
        >>> scores = evaluate(FieldDetector.load("edge"), fields, "edge")
        >>> scores.both.tp + scores.both.fn == scores.figures
        True
    """
    kept, notes = _fair(fields, model)
    kept, more = scored_once(kept, overlaps_of(kept))
    rule = get_protocol(protocol or detector.spec.protocol)
    scored = []
    for field in kept:
        loaded = load_field(field)
        height, width = loaded.mask.shape
        repeats = np.array(field.repeats, np.float64).reshape(-1, 4)
        area_px = height * width - covered_px(repeats)
        scored.append(
            ScoredField(
                name=field.image.name,
                case=field.case,
                spacing_um_px=field.spacing_um_px,
                area_mm2=area_px * field.spacing_um_px**2 / 1e6,
                truths=loaded.figures,
                candidates=detector.find(loaded.image, field.spacing_um_px, str(field.image)),
                repeats=repeats,
                subtypes=loaded.subtypes,
            )
        )
    return score_fields(scored, rule, detector.spec.thresholds).changed(notes=[*notes, *more])


def _fair(fields: Sequence[Field], model: str | Path) -> tuple[list[Field], list[str]]:
    notes = []
    kept = list(fields)
    if any(field.split == "test" for field in fields):
        kept = [field for field in fields if field.split == "test"]
        notes.append(f"scored are the {len(kept)} fields that the data set prescribes for test")
    learned = learned_images(model_folder(model))
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


def learned_images(model: Path) -> set[str] | None:
    """SHA-256 of the images that a run or bundle has learned from; None if it does not say so.

    Raises:
        ModelError: Its list or record is malformed.
    """
    path = model / LEARNED_FILE
    if path.is_file():
        hashes = read_json(path)
        if not isinstance(hashes, list) or not all(isinstance(each, str) for each in hashes):
            raise ModelError(f"{path}: must list the images that were learned from")
        return set(hashes)
    return read_record(model).learned if (model / RUN_FILE).is_file() else None
