"""Whether an artefact computes what the Keras models of its run compute."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from mitokeras.data.protocols import get_protocol
from mitokeras.data.synthetic.field import draw_field
from mitokeras.detect.candidates import Candidates, cut_crops
from mitokeras.detect.detector import FieldDetector
from mitokeras.detect.spec import DetectorSpec
from mitokeras.detect.tiling import TileGrid
from mitokeras.errors import ModelError
from mitokeras.export.savedmodel.detect import detect_signature
from mitokeras.export.source import Source
from mitokeras.score.evaluation import evaluation_report
from mitokeras.score.matching import match
from mitokeras.train.prepare import truth_of
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
"""Of a quantised artefact's F1 on the validation fields, before it is reported."""

FIELDS = 20
FIELD_PX = 1024
IMAGES = 3
_SYNTHETIC_PX = 512

Network = Callable[[np.ndarray], np.ndarray]

Detect = Callable[[np.ndarray], Candidates]


def fields_to_compare(source: Source) -> list[np.ndarray]:
    """The middle of each field of the run, validation first, as many as `FIELDS`.

    A run of fewer fields is topped up with synthetic ones.
    """
    indices = [i for split in ("validation", "test", "train") for i in source.fields_of(split)]
    indices.sort(key=lambda i: not source.store.fields[i].complete)  # patches show little
    fields = [_middle(source.store.image(index)) for index in indices[:FIELDS]]
    for seed in range(FIELDS - len(fields)):
        fields.append(draw_field(_SYNTHETIC_PX, _SYNTHETIC_PX, seed=seed, case=seed).image)
    return fields


def _middle(image: np.ndarray) -> np.ndarray:
    top, left = (max(0, side - FIELD_PX) // 2 for side in image.shape[:2])
    # A copy, or the whole field would stay in memory.
    return image[top : top + FIELD_PX, left : left + FIELD_PX].copy()


def compare_networks(reference: Network, artefact: Network, images: np.ndarray) -> dict[str, Any]:
    """Run both on the same images, at each of `BATCHES`.

    Returns:
        batches, values, max_difference, mean_difference, mismatches_per_million and
        mismatch_threshold.
    """
    expected = reference(images)
    differences = []
    for batch in BATCHES:
        chunks = [images[start : start + batch] for start in range(0, len(images), batch)]
        differences.append(np.abs(np.concatenate([artefact(c) for c in chunks]) - expected))
    difference = np.stack(differences)
    return {
        "batches": list(BATCHES),
        "values": int(difference.size),
        "max_difference": float(difference.max()),
        "mean_difference": float(difference.mean()),
        "mismatches_per_million": float((difference > MISMATCH).mean() * 1e6),
        "mismatch_threshold": MISMATCH,
    }


def compare_detections(
    expected: Sequence[Candidates], artefact: Detect, fields: Sequence[np.ndarray]
) -> dict[str, Any]:
    """Pair the candidates of both pipelines, those within 1 px and with the same verdict.

    Returns:
        fields, the candidates of each pipeline (`keras`, `artefact`), paired_within_1_px, equal,
        whether that is all of them, and unpaired_allowed, the share that need not be.
    """
    paired = there = here = 0
    for image, wanted in zip(fields, expected, strict=True):
        found = artefact(image)
        there += len(wanted)
        here += len(found)
        for verdict in (True, False):
            own = [c.xy[c.accepted == verdict] for c in (wanted, found)]
            paired += len(match(own[0], own[1], 1.0))
    return {
        "fields": len(fields),
        "keras": there,
        "artefact": here,
        "paired_within_1_px": paired,
        "equal": paired == there == here,
        "unpaired_allowed": UNPAIRED,
    }


def validation_f1(source: Source, artefact: FieldDetector) -> dict[str, Any] | None:
    """F1 of both stages on the run's validation fields, before and after; None without any."""
    store, spec = source.store, artefact.spec
    indices = [i for i in source.fields_of("validation") if store.fields[i].complete]
    if not indices:
        return None
    scored = [truth_of(store, i, artefact.detect(store.image(i))) for i in indices]
    report = evaluation_report(scored, get_protocol(spec.protocol), spec.thresholds)
    before, after = source.metrics["validation"]["both"]["f1"], report["both"]["f1"]
    return {
        "fields": len(indices),
        "protocol": spec.protocol,
        "keras_f1": before,
        "artefact_f1": after,
        "drop": None if before is None or after is None else before - after,
    }


def measure(
    source: Source, artefact: FieldDetector, folder: Path, format: str, quantize: str
) -> dict[str, Any]:
    """Hold an artefact against the Keras models of its run.

    Args:
        source: The run.
        artefact: Loaded from `folder`.
        folder: The bundle.
        format: A key of `FORMATS`.
        quantize: How it is quantised.

    Returns:
        The content of parity.json.
    """
    spec = source.spec
    keras = source.detector()
    fields = fields_to_compare(source)
    expected = [keras.find(image, spec.spacing_um_px) for image in fields]
    parity: dict[str, Any] = {
        "format": format,
        "quantize": quantize,
        "tolerance": TOLERANCE if quantize == "none" else None,
        "networks": {
            "segmenter": compare_networks(
                keras.segmenter, artefact.segmenter, _tiles(spec, fields)
            ),
            "classifier": compare_networks(
                keras.classifier, artefact.classifier, _crops(spec, fields, expected)
            ),
        },
        "detections": compare_detections(
            expected, lambda image: artefact.find(image, spec.spacing_um_px), fields
        ),
    }
    if format == "savedmodel":
        parity["detect_signature"] = compare_detections(expected, detect_signature(folder), fields)
        if spec.stain["policy"] != "none":
            parity["detect_signature"]["unpaired_allowed"] = UNPAIRED_NORMALISED
    parity["validation"] = validation_f1(source, artefact)
    parity["environment"] = environment()
    return parity


def _tiles(spec: DetectorSpec, fields: Sequence[np.ndarray]) -> np.ndarray:
    """The first tile of each of the first fields."""
    return np.stack(
        [TileGrid.over(f, spec.tile_px, spec.halo_px).read(f, (0, 0)) for f in fields[:IMAGES]]
    )


def _crops(
    spec: DetectorSpec, fields: Sequence[np.ndarray], found: Sequence[Candidates]
) -> np.ndarray:
    """A crop about the first candidate of each field, about its middle where there is none."""
    centres = [
        c.xy[:1] if len(c) else np.array([f.shape[1::-1]]) / 2
        for f, c in zip(fields, found, strict=True)
    ]
    return np.concatenate(
        [cut_crops(f, xy, spec.crop_px) for f, xy in zip(fields, centres, strict=True)]
    )


def check(parity: dict[str, Any]) -> None:
    """Refuse an artefact without quantisation that does not compute the same.

    Raises:
        ModelError: A probability differs by more than `TOLERANCE`, or the detections differ.
    """
    if parity["tolerance"] is None:
        return
    for role, network in parity["networks"].items():
        if not network["max_difference"] <= parity["tolerance"]:
            raise ModelError(
                f"the exported {role} must give the probabilities of the Keras model to "
                f"{parity['tolerance']:g}. Received: a difference of "
                f"{network['max_difference']:.2g}"
            )
    for name in ("detections", "detect_signature"):
        found = parity.get(name)
        if found is None:
            continue
        allowed = int(found["unpaired_allowed"] * found["keras"])
        if max(found["keras"], found["artefact"]) - found["paired_within_1_px"] > allowed:
            raise ModelError(
                f"the exported pipeline ({name}) must find what the Keras pipeline finds, within "
                f"1 px. Received: {found['paired_within_1_px']} of {found['keras']} candidates "
                f"paired, {found['artefact']} found"
            )
