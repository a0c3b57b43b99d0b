"""Whether an artefact computes what the Keras models of its run compute."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from tqdm import tqdm

from mitokeras.counting.matching import match
from mitokeras.data.fields import Split
from mitokeras.data.protocols import get_protocol
from mitokeras.data.synthetic.field import draw_field
from mitokeras.detect.candidates import Candidates, cut_crops
from mitokeras.detect.detector import FieldDetector
from mitokeras.detect.spec import DetectorSpec
from mitokeras.detect.tiling import TileGrid
from mitokeras.errors import ModelError
from mitokeras.export.parity.atypical import atypical_differences, compare_subtyping
from mitokeras.export.parity.record import (
    DetectionParity,
    FormatName,
    NetworkParity,
    Parity,
    Quantization,
    ValidationParity,
)
from mitokeras.export.parity.signature import detect_signature
from mitokeras.export.parity.written import Written
from mitokeras.export.trained.trained import TrainedRun
from mitokeras.runners.runner import Role
from mitokeras.score.evaluation import score_fields
from mitokeras.score.scored_field import ScoredField
from mitokeras.train.record import environment

BATCHES = (1, 3)
TOLERANCE = 1e-4
"""Largest difference of a probability that an artefact without quantisation may show."""

UNPAIRED = 0.005
"""Share of the candidates that may differ all the same: a probability within rounding of a
threshold falls on either side of it. Below 200 candidates none may."""

UNPAIRED_NORMALISED = 0.02
"""The same for `detect` with Macenko normalisation in the graph: here and there it rounds a pixel
to the next grey level."""

MISMATCH = 0.01
"""Probabilities that differ by more are counted as mismatches."""

LARGEST_DROP = 0.01
"""Loss of F1 on the validation fields, and of stage 3's balanced accuracy, above which a quantised
artefact is warned of."""

FIELDS = 20
FIELD_PX = 1024
IMAGES = 3
_SYNTHETIC_PX = 512

Network = Callable[[np.ndarray], np.ndarray]

Detect = Callable[[np.ndarray], Candidates]


def fields_to_compare(trained: TrainedRun) -> list[np.ndarray]:
    """The middle of each field of the run, validation first, as many as `FIELDS`.

    A run of fewer fields is topped up with synthetic ones.
    """
    splits: tuple[Split, ...] = ("validation", "test", "train")
    fields = [field for split in splits for field in trained.fields(split)]
    fields.sort(key=lambda field: not field.complete)  # patches show little
    images = [_middle(field.image()) for field in fields[:FIELDS]]
    for seed in range(FIELDS - len(images)):
        images.append(draw_field(_SYNTHETIC_PX, _SYNTHETIC_PX, seed=seed, case=seed).image)
    return images


def _middle(image: np.ndarray) -> np.ndarray:
    top, left = (max(0, side - FIELD_PX) // 2 for side in image.shape[:2])
    # A copy, or the whole field would stay in memory.
    return image[top : top + FIELD_PX, left : left + FIELD_PX].copy()


def compare_networks(reference: Network, artefact: Network, images: np.ndarray) -> NetworkParity:
    """Run both on the same images, at each of `BATCHES`."""
    expected = reference(images)
    differences = []
    for batch in BATCHES:
        chunks = [images[start : start + batch] for start in range(0, len(images), batch)]
        differences.append(np.abs(np.concatenate([artefact(c) for c in chunks]) - expected))
    difference = np.stack(differences)
    return NetworkParity(
        batches=BATCHES,
        values=int(difference.size),
        max_difference=float(difference.max()),
        mean_difference=float(difference.mean()),
        mismatches_per_million=float((difference > MISMATCH).mean() * 1e6),
        mismatch_threshold=MISMATCH,
    )


def compare_detections(
    expected: Sequence[Candidates],
    artefact: Detect,
    fields: Sequence[np.ndarray],
    unpaired_allowed: float = UNPAIRED,
) -> DetectionParity:
    """Pair the candidates of both pipelines, those within 1 px and with the same verdict."""
    paired = there = here = 0
    atypical = [np.zeros(0)]
    for image, wanted in zip(fields, expected, strict=True):
        found = artefact(image)
        there += len(wanted)
        here += len(found)
        for verdict in (True, False):
            rows = [np.flatnonzero(c.accepted == verdict) for c in (wanted, found)]
            near = match(wanted.xy[rows[0]], found.xy[rows[1]], 1.0)
            paired += len(near)
            pairs = np.stack([rows[0][near[:, 0]], rows[1][near[:, 1]]], axis=1)
            atypical.append(atypical_differences(wanted, found, pairs))
    differences = np.concatenate(atypical)
    known = {"atypical_max_difference": float(differences.max())} if len(differences) else {}
    return DetectionParity(
        fields=len(fields),
        keras=there,
        artefact=here,
        paired_within_1_px=paired,
        equal=paired == there == here,
        unpaired_allowed=unpaired_allowed,
        **known,
    )


def validation_f1(trained: TrainedRun, artefact: FieldDetector) -> ValidationParity | None:
    """F1 of both stages on the run's validation fields, before and after; None without any."""
    spec, fields = artefact.spec, trained.validation()
    if not fields or trained.metrics.validation is None:
        return None
    shown = tqdm(fields, desc="scoring", unit=" fields", disable=None, leave=False)
    scored = [ScoredField.of(field, artefact.detect(field.image())) for field in shown]
    after = score_fields(scored, get_protocol(spec.protocol), spec.thresholds).both.f1
    before = trained.metrics.validation.both.f1
    return ValidationParity(
        fields=len(fields),
        protocol=spec.protocol,
        keras_f1=before,
        artefact_f1=after,
        drop=None if before is None or after is None else before - after,
    )


def measure(
    trained: TrainedRun,
    artefact: FieldDetector,
    folder: Path,
    written: Written,
    format: FormatName,
    quantize: Quantization,
) -> Parity:
    """Hold an artefact against the Keras models of its run.

    Args:
        trained: The run.
        artefact: Loaded from `folder`.
        folder: The bundle.
        written: What its writer did.
        format: A key of `FORMATS`.
        quantize: How it is quantised.
    """
    spec = trained.spec
    keras = trained.detector()
    fields = fields_to_compare(trained)
    shown = tqdm(fields, desc="comparing", unit=" fields", disable=None, leave=False)
    expected = [keras.find(image, spec.spacing_um_px) for image in shown]
    images = _images(spec, fields, expected)
    parity = Parity(
        files=written.files,
        format=format,
        quantize=quantize,
        tolerance=TOLERANCE if quantize == "none" else None,
        networks={
            role: compare_networks(getattr(keras, role), getattr(artefact, role), images[role])
            for role in spec.sides
        },
        detections=compare_detections(
            expected, lambda image: artefact.find(image, spec.spacing_um_px), fields
        ),
        validation=validation_f1(trained, artefact),
        environment=environment(),
    )
    if artefact.subtyper is not None:
        parity = parity.changed(subtyping=compare_subtyping(trained, artefact))
    if format != "savedmodel":
        return parity
    allowed = UNPAIRED if spec.stain["policy"] == "none" else UNPAIRED_NORMALISED
    found = compare_detections(expected, detect_signature(folder), fields, allowed)
    return parity.changed(detect_signature=found)


def _images(
    spec: DetectorSpec, fields: Sequence[np.ndarray], found: Sequence[Candidates]
) -> dict[Role, np.ndarray]:
    """What each network is compared on: first tiles of fields, crops about first candidates."""
    grids = [(field, TileGrid.over(field, spec.tile_px, spec.halo_px)) for field in fields[:IMAGES]]
    return {
        "segmenter": np.stack([grid.read(field, (0, 0)) for field, grid in grids]),
        "classifier": _crops(spec, fields, [c.xy for c in found]),
        "subtyper": _crops(spec, fields, [c.xy[c.accepted] for c in found]),
    }


def _crops(
    spec: DetectorSpec, fields: Sequence[np.ndarray], places: Sequence[np.ndarray]
) -> np.ndarray:
    """A crop about the first place in each field, about its middle where there is none."""
    centres = [
        xy[:1] if len(xy) else np.array([f.shape[1::-1]]) / 2
        for f, xy in zip(fields, places, strict=True)
    ]
    return np.concatenate(
        [cut_crops(f, xy, spec.crop_px) for f, xy in zip(fields, centres, strict=True)]
    )


def check(parity: Parity) -> None:
    """Refuse an artefact without quantisation that does not compute the same.

    Raises:
        ModelError: A probability differs by more than `TOLERANCE`, or the detections differ.
    """
    if parity.tolerance is None:
        return
    for role, network in parity.networks.items():
        if not network.max_difference <= parity.tolerance:
            raise ModelError(
                f"the exported {role} must give the probabilities of the Keras model to "
                f"{parity.tolerance:g}. Received: a difference of {network.max_difference:.2g}"
            )
    for name in ("detections", "detect_signature"):
        found: DetectionParity | None = getattr(parity, name)
        if found is None:
            continue
        allowed = int(found.unpaired_allowed * found.keras)
        if max(found.keras, found.artefact) - found.paired_within_1_px > allowed:
            raise ModelError(
                f"the exported pipeline ({name}) must find what the Keras pipeline finds, within "
                f"1 px. Received: {found.paired_within_1_px} of {found.keras} candidates "
                f"paired, {found.artefact} found"
            )
        difference = found.atypical_max_difference
        # Where pixels may be rounded otherwise, so may what a network makes of them.
        same_pixels = found.unpaired_allowed <= UNPAIRED
        if same_pixels and difference is not None and not difference <= parity.tolerance:
            raise ModelError(
                f"the exported pipeline ({name}) must give figures the atypical score of the Keras "
                f"pipeline to {parity.tolerance:g}. Received: a difference of {difference:.2g}"
            )
