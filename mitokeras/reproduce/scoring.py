"""From the counts of each test field to a row with its intervals and its comparison."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import numpy as np

from mitokeras.reproduce.experiments import Row
from mitokeras.reproduce.results import Comparison, Rates, RowResult, SeedScore
from mitokeras.reproduce.workspace import RowScore
from mitokeras.score.comparison import mcnemar, paired_bootstrap
from mitokeras.score.evaluation import bootstrap_interval, rates


def measured_row(
    row: Row, scores: Mapping[int, RowScore | None], reference: RowScore | None, failure: str
) -> RowResult:
    """A row as it is shown.

    Args:
        row: That was to be trained.
        scores: By seed; None where it failed.
        reference: Score of the row to compare with, first seed; None for that row itself.
        failure: Why some seeds have no score.
    """
    done = {seed: score for seed, score in scores.items() if score is not None}
    if not done:
        return RowResult(name=row.name, model=row.model, failure=failure)
    first = next(iter(done.values()))
    pair = next(iter(scores.values()))
    return RowResult(
        name=row.name,
        model=row.model,
        failure=failure,
        parameters=first.parameters,
        macs=first.macs,
        seconds_per_field=first.seconds_per_field,
        scores=tuple(seed_score(seed, score) for seed, score in done.items()),
        comparison=None if pair is None or reference is None else compared(pair, reference),
    )


def seed_score(seed: int, score: RowScore) -> SeedScore:
    """One training of a row: pooled counts, rates and their intervals."""
    units, unit = _units(score)
    pooled = units.sum(axis=0)
    precision, recall, f1 = (
        (_or_none(low), _or_none(high)) for low, high in bootstrap_interval(units)
    )
    return SeedScore(
        seed=seed,
        tp=int(pooled[0]),
        fp=int(pooled[1]),
        fn=int(pooled[2]),
        rates=_rates(pooled),
        precision_ci95=precision,
        recall_ci95=recall,
        f1_ci95=f1,
        ci95_unit=unit,
    )


def _units(score: RowScore) -> tuple[np.ndarray, Literal["case", "field"]]:
    """Counts of each unit that the bootstrap draws: cases, or fields of fewer than three."""
    counts = np.array(score.counts, dtype=np.int64).reshape(-1, 3)
    names = sorted(set(score.cases))
    if len(names) < 3:
        return counts, "field"
    case = np.array(score.cases)
    return np.stack([counts[case == name].sum(axis=0) for name in names]), "case"


def compared(score: RowScore, reference: RowScore) -> Comparison:
    """A row against the reference, on the same test fields."""
    drawn = paired_bootstrap(_units(score)[0], _units(reference)[0])
    right, reference_right = (
        np.array([fp + fn == 0 for _, fp, fn in one.counts]) for one in (score, reference)
    )
    fields = mcnemar(right, reference_right)
    discordant = fields.only_a + fields.only_b
    return Comparison(
        f1_difference=_or_none(drawn.difference),
        f1_difference_ci95=(_or_none(drawn.low), _or_none(drawn.high)),
        bootstrap_p=_or_none(drawn.p_value),
        mcnemar_p=fields.p_value if discordant else None,
    )


def _rates(counts: np.ndarray) -> Rates:
    precision, recall, f1 = map(_or_none, rates(counts))
    return Rates(precision=precision, recall=recall, f1=f1)


def _or_none(value: float) -> float | None:
    return None if np.isnan(value) else float(value)
