"""Whether a fine-tuned detector is better than its start, on fields that neither has learned."""

from __future__ import annotations

from collections.abc import Sequence

from mitokeras.data.protocols import Protocol
from mitokeras.detect.spec import Thresholds
from mitokeras.score.comparison import paired_bootstrap
from mitokeras.score.evaluation import score_fields
from mitokeras.score.rates import by_unit, or_none
from mitokeras.score.scored_field import ScoredField
from mitokeras.score.scores import Gain


def gain(
    start: str,
    before: Sequence[ScoredField],
    after: Sequence[ScoredField],
    protocol: Protocol,
    thresholds: Thresholds,
    after_thresholds: Thresholds,
) -> Gain:
    """Compare two detectors on the same completely labelled fields.

    Args:
        start: Name of the start.
        before: What the start says of them.
        after: What the fine-tuned detector says, in the same order.
        protocol: Rule of a hit.
        thresholds: Those of the start.
        after_thresholds: Those of the fine-tuned detector.
    """
    after_counts, before_counts = (
        by_unit([f.count(f.detections("both"), protocol) for f in one], [f.case for f in one])
        for one in (after, before)
    )
    drawn = paired_bootstrap(after_counts, before_counts)
    return Gain(
        start=start,
        before=score_fields(before, protocol, thresholds),
        after=score_fields(after, protocol, after_thresholds),
        difference=or_none(drawn.difference),
        ci95=(or_none(drawn.low), or_none(drawn.high)),
        units=len(after_counts),
    )
