"""Fields with the detector's answer, and what the figures show of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.figure import Figure

from mitokeras.counting.matching import match
from mitokeras.data.protocols import get_protocol
from mitokeras.data.stored_field import StoredField
from mitokeras.detect.candidates import Candidates, cut_crops
from mitokeras.detect.spec import DetectorSpec
from mitokeras.report.run.overlays import Kind, MarkedPoint, overlay_figure
from mitokeras.report.run.rejected import RejectedCandidate, rejected_figure
from mitokeras.score.scored_field import ScoredField


@dataclass(frozen=True, eq=False)
class AnsweredField:
    """A field and the answer at the chosen thresholds.

    Attributes:
        field: The field.
        scored: Its truth, and what was found in it.
    """

    field: StoredField
    scored: ScoredField

    @property
    def content(self) -> int:
        """How much there is to see: mitotic figures and detections of both stages."""
        return len(self.scored.truths) + len(self.scored.detections("both"))

    def overlay(self, protocol: str, title: str = "") -> Figure:
        """The field with its detections, each of them enlarged as well.

        Args:
            protocol: Says which detection is a hit.
            title: Goes before the name of the field.
        """
        radius_px = self.scored.radius_px(get_protocol(protocol))
        return overlay_figure(
            self.field.image(),
            marked_points(self.scored, radius_px),
            title=f"{title}{self.scored.name} ({self.scored.case})",
            spacing_um_px=self.field.spacing_um_px,
            radius_px=radius_px,
        )


def marked_points(field: ScoredField, radius_px: float) -> list[MarkedPoint]:
    """What was found, rejected and missed in a field, for an overlay.

    A missed figure that stage 2 rejected has the scores of its candidate.
    """
    found = field.candidates
    accepted = np.flatnonzero(found.accepted)
    pairs = match(field.truths, found.xy[accepted], radius_px)
    hits = set(accepted[pairs[:, 1]])
    points = []
    for i, (x, y) in enumerate(found.xy):
        kind: Kind = "rejected"
        if found.accepted[i]:
            kind = "true_positive" if i in hits else "false_positive"
        points.append(MarkedPoint(float(x), float(y), kind, *_scores(found, i)))
    missed = np.delete(field.truths, pairs[:, 0], axis=0)
    rejected = np.flatnonzero(~found.accepted)
    lost = {truth: rejected[i] for truth, i in match(missed, found.xy[rejected], radius_px)}
    for place, (x, y) in enumerate(missed):
        scores = _scores(found, lost[place]) if place in lost else ()
        points.append(MarkedPoint(float(x), float(y), "missed", *scores))
    return points


def _scores(found: Candidates, i: int) -> tuple[float, float | None]:
    """Of stage 1 and stage 2; None where that did not see the candidate."""
    classifier = float(found.classifier_score[i])
    return float(found.segmenter_score[i]), None if np.isnan(classifier) else classifier


def rejected_sheet(answered: Sequence[AnsweredField], spec: DetectorSpec) -> Figure:
    """All that stage 2 rejected in these fields."""
    rejected = [each for one in answered for each in _rejected(one, spec)]
    return rejected_figure(rejected, "Candidates that stage 2 rejected", spec.spacing_um_px)


def _rejected(answered: AnsweredField, spec: DetectorSpec) -> list[RejectedCandidate]:
    field = answered.scored
    found = field.candidates
    rejected = np.flatnonzero(~found.accepted)
    radius_px = field.radius_px(get_protocol(spec.protocol))
    # A truth that an accepted detection hits as well is not lost.
    accepted = match(field.truths, found.xy[found.accepted], radius_px)
    open_truths = np.delete(field.truths, accepted[:, 0], axis=0)
    lost = set(match(open_truths, found.xy[rejected], radius_px)[:, 1])
    crops = cut_crops(answered.field.image(), found.xy[rejected], spec.crop_px)
    return [
        RejectedCandidate(
            image=crop.astype(np.uint8),
            segmenter_score=float(found.segmenter_score[i]),
            classifier_score=float(found.classifier_score[i]),
            lost=position in lost,
        )
        for position, (i, crop) in enumerate(zip(rejected, crops, strict=True))
    ]
