"""Rates of pooled counts, and their intervals by the bootstrap."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from mitokeras.score.scores import CaseScores, Intervals, StageScores

BOOTSTRAP_DRAWS = 2000

FEWEST_CASES = 3
"""With fewer cases the bootstrap draws fields."""


def rates(counts: np.ndarray) -> np.ndarray:
    """Precision, recall and F1.

    Args:
        counts: True positives, false positives, false negatives along the last axis.

    Returns:
        float64 of the same shape; NaN where nothing was found (precision), nothing was there
        (recall), or neither (F1).
    """
    tp, fp, fn = np.moveaxis(np.asarray(counts, dtype=np.float64), -1, 0)
    with np.errstate(invalid="ignore"):
        return np.stack([tp / (tp + fp), tp / (tp + fn), 2 * tp / (2 * tp + fp + fn)], axis=-1)


def bootstrap_interval(counts: np.ndarray, seed: int = 0) -> np.ndarray:
    """95 % intervals of the rates of pooled counts.

    Args:
        counts: One row of (tp, fp, fn) for each unit that is drawn with replacement, (n, 3).
        seed: Seed of the draws.

    Returns:
        Low and high of precision, recall and F1, shape (3, 2); NaN where no draw defines a rate.
    """
    if not len(counts):
        return np.full((3, 2), np.nan)
    rng = np.random.default_rng(seed)
    drawn = rng.integers(0, len(counts), (BOOTSTRAP_DRAWS, len(counts)))
    of_draws = rates(counts[drawn].sum(axis=1))
    intervals = np.full((3, 2), np.nan)
    for interval, values in zip(intervals, of_draws.T, strict=True):
        defined = values[~np.isnan(values)]
        if len(defined):
            interval[:] = np.percentile(defined, [2.5, 97.5])
    return intervals


def pooled_scores(
    counts: np.ndarray, cases: Sequence[str], area_mm2: np.ndarray | None = None
) -> StageScores:
    """Scores of pooled counts.

    The bootstrap draws cases; with fewer than three cases it draws fields, and `ci95_unit` says
    so, because an interval from one or two cases would be a point.

    Args:
        counts: (tp, fp, fn) of each field, shape (fields, 3).
        cases: Case of each field.
        area_mm2: Area of each field, or None where it is not known.
    """
    counts, case = counts.reshape(-1, 3), np.array(cases)
    by_case = counts_by_case(counts, cases)
    unit = "case" if len(by_case) >= FEWEST_CASES else "field"
    intervals = bootstrap_interval(by_unit(counts, cases))
    precision, recall, f1 = ((or_none(low), or_none(high)) for low, high in intervals)
    area = np.zeros(len(counts)) if area_mm2 is None else area_mm2
    return StageScores(
        **dict(_pooled(counts.sum(axis=0), float(area.sum()))),
        ci95=Intervals(precision=precision, recall=recall, f1=f1),
        ci95_unit=unit,
        per_case={
            name: _pooled(row, float(area[case == name].sum())) for name, row in by_case.items()
        },
    )


def by_unit(counts: ArrayLike, cases: Sequence[str]) -> np.ndarray:
    """Counts of each unit that a bootstrap draws: a case, or with `FEWEST_CASES` not met a field.

    Args:
        counts: (tp, fp, fn) of each field, shape (fields, 3).
        cases: Case of each field.
    """
    counts = np.array(counts, dtype=np.int64).reshape(-1, 3)
    by_case = counts_by_case(counts, cases)
    return np.stack([*by_case.values()]) if len(by_case) >= FEWEST_CASES else counts


def counts_by_case(counts: np.ndarray, cases: Sequence[str]) -> dict[str, np.ndarray]:
    """Counts of the fields, shape (fields, 3), added up by case, in the order of their names."""
    case = np.array(cases)
    return {name: counts[case == name].sum(axis=0) for name in sorted(set(cases))}


def _pooled(counts: np.ndarray, area_mm2: float) -> CaseScores:
    tp, fp, fn = map(int, counts)
    precision, recall, f1 = map(or_none, rates(counts))
    return CaseScores(
        tp=tp,
        fp=fp,
        fn=fn,
        precision=precision,
        recall=recall,
        f1=f1,
        fp_per_mm2=fp / area_mm2 if area_mm2 else None,
        area_mm2=area_mm2 or None,
    )


def or_none(value: float) -> float | None:
    """A rate as JSON has it."""
    return None if np.isnan(value) else float(value)
