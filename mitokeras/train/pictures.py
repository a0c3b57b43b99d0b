"""The figures of a run, drawn from its test fields."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from mitokeras.detect.spec import DetectorSpec
from mitokeras.report.run.curves import Curve, froc_figure, loss_figure, precision_recall_figure
from mitokeras.report.run.style import save_png
from mitokeras.score.rates import rates
from mitokeras.score.thresholds import CLASSIFIER_THRESHOLDS, SEGMENTER_THRESHOLDS
from mitokeras.train.answers import rejected_sheet
from mitokeras.train.progress import Epoch
from mitokeras.train.tested import TestField

MAX_OVERLAYS = 6


class Picture(NamedTuple):
    """A figure of the report: its title, a sentence that says how to read it, and the PNG."""

    title: str
    caption: str
    path: Path


def draw_figures(
    folder: Path,
    history: Sequence[Epoch],
    tested: Sequence[TestField],
    spec: DetectorSpec,
) -> list[Picture]:
    """Write all figures of a run as PNG, and say how to read each."""
    folder.mkdir(exist_ok=True)
    losses = Picture(
        "Training",
        "Loss and validation scores of each epoch, at the threshold with the best F1 of that "
        "epoch. The weights of the marked epoch were kept.",
        folder / "training.png",
    )
    save_png(loss_figure([row.model_dump() for row in history]), losses.path)
    return [losses, *_draw_tested(folder, tested, spec)] if tested else [losses]


def _draw_tested(folder: Path, tested: Sequence[TestField], spec: DetectorSpec) -> list[Picture]:
    curves = _curves(tested, spec)
    figures = [
        Picture(
            "Precision and recall",
            "Test fields, as one threshold moves. The marks are the thresholds that were chosen "
            "on the validation fields.",
            folder / "precision_recall.png",
        ),
        Picture(
            "FROC",
            "Test fields: recall against false positives per square millimetre.",
            folder / "froc.png",
        ),
    ]
    save_png(precision_recall_figure(curves), figures[0].path)
    save_png(froc_figure(curves), figures[1].path)
    figures += _draw_overlays(folder, tested, spec)

    sheet = Picture(
        "Rejected candidates",
        "What stage 1 found in the test fields and stage 2 turned down; a framed crop is a mitotic "
        "figure that was lost.",
        folder / "rejected_candidates.png",
    )
    save_png(rejected_sheet(tested, spec), sheet.path)
    return [*figures, sheet]


def _curves(tested: Sequence[TestField], spec: DetectorSpec) -> dict[str, Curve]:
    area = sum(test.scored.area_mm2 for test in tested)
    segmenter = np.sum([test.segmenter_counts for test in tested], axis=0)
    classifier = np.sum([test.classifier_counts for test in tested], axis=0)
    return {
        "stage 1": _curve(SEGMENTER_THRESHOLDS, segmenter, spec.segmenter_threshold, area),
        "both stages": _curve(CLASSIFIER_THRESHOLDS, classifier, spec.classifier_threshold, area),
    }


def _curve(thresholds: np.ndarray, counts: np.ndarray, chosen: float, area_mm2: float) -> Curve:
    of_counts = rates(counts)
    return Curve(
        thresholds=thresholds,
        precision=of_counts[:, 0],
        recall=of_counts[:, 1],
        fp_per_mm2=counts[:, 1] / area_mm2,
        operating_point=int(np.argmin(np.abs(thresholds - chosen))),
    )


def _draw_overlays(folder: Path, tested: Sequence[TestField], spec: DetectorSpec) -> list[Picture]:
    """One overlay for each of the fields with the most to see, in their own order."""
    shown = sorted(tested, key=lambda test: -test.content)[:MAX_OVERLAYS]
    figures = []
    for test in tested:
        if test not in shown:
            continue
        path = folder / f"detections_{test.field.index:04d}.png"
        save_png(test.overlay(spec.protocol), path)
        caption = "A test field with its detections by both stages, and each of them enlarged."
        figures.append(Picture(f"Detections in {test.scored.name}", caption, path))
    return figures
