"""From the counts of each test field to a row with its intervals and its comparison."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from mitokeras.reproduce.experiments import Row
from mitokeras.reproduce.results import Comparison, RowResult, SeedScore
from mitokeras.reproduce.workspace import RowScore
from mitokeras.score.comparison import mcnemar, paired_bootstrap
from mitokeras.score.rates import by_unit, or_none, pooled_scores


def measured_row(
    row: Row, scores: Mapping[int, RowScore | None], reference: RowScore | None, failure: str
) -> RowResult:
    """A row as it is shown.

    Args:
        row: Row that was to be trained.
        scores: Score by seed; None where the training failed.
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
        weights=first.weights,
        parameters=first.parameters,
        macs=first.macs,
        training_cases=first.training_cases,
        training_figures=first.training_figures,
        scores=tuple(seed_score(seed, score) for seed, score in done.items()),
        comparison=None if pair is None or reference is None else compared(pair, reference),
    )


def seed_score(seed: int, score: RowScore) -> SeedScore:
    """One training of a row: pooled counts, rates and their intervals."""
    return SeedScore(seed=seed, scores=pooled_scores(np.array(score.counts), score.cases))


def compared(score: RowScore, reference: RowScore) -> Comparison:
    """A row against the reference, on the same test fields."""
    drawn = paired_bootstrap(
        by_unit(score.counts, score.cases), by_unit(reference.counts, reference.cases)
    )
    right, reference_right = (
        np.array([fp + fn == 0 for _, fp, fn in one.counts]) for one in (score, reference)
    )
    fields = mcnemar(right, reference_right)
    discordant = fields.only_a + fields.only_b
    return Comparison(
        f1_difference=or_none(drawn.difference),
        f1_difference_ci95=(or_none(drawn.low), or_none(drawn.high)),
        bootstrap_p=or_none(drawn.p_value),
        mcnemar_p=fields.p_value if discordant else None,
    )
