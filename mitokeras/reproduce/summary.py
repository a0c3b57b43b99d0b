"""One number for a rate of a row, over all of its seeds."""

from __future__ import annotations

import statistics
from dataclasses import dataclass
from typing import Literal

from mitokeras.reproduce.results import RowResult

RateName = Literal["precision", "recall", "f1"]
RATES: tuple[RateName, ...] = ("precision", "recall", "f1")


@dataclass(frozen=True)
class Summary:
    """A rate of a row.

    Attributes:
        value: Mean over the seeds that have the rate; None where none has.
        deviation: Sample standard deviation over them; None with fewer than two.
        interval: 95 % interval of a row with one seed; None with more or where it is undefined.
        seeds: How many have the rate.
    """

    value: float | None
    deviation: float | None
    interval: tuple[float, float] | None
    seeds: int


def summary(row: RowResult, rate: RateName) -> Summary:
    """Sum up one rate of a row; of a row without scores, nothing is defined."""
    values = [getattr(score.scores, rate) for score in row.scores]
    defined = [value for value in values if value is not None]
    interval = None
    if len(row.scores) == 1:
        low, high = getattr(row.scores[0].scores.ci95, rate)
        interval = None if low is None or high is None else (low, high)
    return Summary(
        value=statistics.fmean(defined) if defined else None,
        deviation=statistics.stdev(defined) if len(defined) > 1 else None,
        interval=interval if defined else None,
        seeds=len(defined),
    )


def status(row: RowResult) -> Literal["measured", "failed", "published only"]:
    if row.scores:
        return "measured"
    return "failed" if row.failure or row.published is None else "published only"
