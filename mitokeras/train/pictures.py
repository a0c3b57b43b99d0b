"""The figures of a run, drawn from its test fields."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from mitokeras.counting.matching import match
from mitokeras.data.protocols import get_protocol
from mitokeras.detect.candidates import cut_crops
from mitokeras.detect.spec import DetectorSpec
from mitokeras.report.run.curves import Curve, froc_figure, loss_figure, precision_recall_figure
from mitokeras.report.run.overlays import MarkedPoint, overlay_figure
from mitokeras.report.run.rejected import RejectedCandidate, rejected_figure
from mitokeras.report.run.style import save_png
from mitokeras.score.evaluation import ScoredField, rates
from mitokeras.score.thresholds import CLASSIFIER_THRESHOLDS, SEGMENTER_THRESHOLDS
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
    rejected = [r for test in tested for r in _rejected(test, spec)]
    save_png(rejected_figure(rejected, "Candidates that stage 2 rejected"), sheet.path)
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
    by_content = sorted(
        tested, key=lambda test: -len(test.scored.truths) - len(test.scored.detections("both"))
    )
    shown = by_content[:MAX_OVERLAYS]
    radius_px = shown[0].scored.radius_px(get_protocol(spec.protocol))
    figures = []
    for test in tested:
        if test not in shown:
            continue
        name = test.scored.name
        path = folder / f"detections_{test.field.index:04d}.png"
        figure = overlay_figure(
            test.field.image(),
            marked_points(test.scored, radius_px),
            title=f"{name} ({test.scored.case})",
            spacing_um_px=test.field.spacing_um_px,
            radius_px=radius_px,
        )
        save_png(figure, path)
        caption = "A test field with its detections by both stages, and each of them enlarged."
        figures.append(Picture(f"Detections in {name}", caption, path))
    return figures


def marked_points(field: ScoredField, radius_px: float) -> list[MarkedPoint]:
    """What was found, rejected and missed in a field, for an overlay."""
    found = field.candidates
    accepted = np.flatnonzero(found.accepted)
    pairs = match(field.truths, found.xy[accepted], radius_px)
    hits = set(accepted[pairs[:, 1]])
    points = [
        MarkedPoint(
            float(found.xy[i, 0]),
            float(found.xy[i, 1]),
            "rejected" if not found.accepted[i] else "true_positive" if i in hits
            else "false_positive",
            float(found.segmenter_score[i]),
            float(found.classifier_score[i]),
        )
        for i in range(len(found))
    ]  # fmt: skip
    missed = np.delete(field.truths, pairs[:, 0], axis=0)
    return points + [MarkedPoint(x, y, "missed") for x, y in missed]


def _rejected(test: TestField, spec: DetectorSpec) -> list[RejectedCandidate]:
    field = test.scored
    found = field.candidates
    rejected = np.flatnonzero(~found.accepted)
    radius_px = field.radius_px(get_protocol(spec.protocol))
    # A truth that an accepted detection hits as well is not lost.
    accepted = match(field.truths, found.xy[found.accepted], radius_px)
    open_truths = np.delete(field.truths, accepted[:, 0], axis=0)
    lost = set(match(open_truths, found.xy[rejected], radius_px)[:, 1])
    crops = cut_crops(test.field.image(), found.xy[rejected], spec.crop_px)
    return [
        RejectedCandidate(
            image=crop.astype(np.uint8),
            segmenter_score=float(found.segmenter_score[i]),
            classifier_score=float(found.classifier_score[i]),
            lost=position in lost,
        )
        for position, (i, crop) in enumerate(zip(rejected, crops, strict=True))
    ]
