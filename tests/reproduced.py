"""Made-up results of experiments."""

from __future__ import annotations

import numpy as np

from mitokeras.reproduce.experiments import Target
from mitokeras.reproduce.published import PUBLISHED
from mitokeras.reproduce.results import (
    Comparison,
    Cost,
    ExperimentResult,
    RowResult,
    SeedScore,
)
from mitokeras.score.rates import pooled_scores
from mitokeras.score.scores import Intervals


def seed_score(tp: int, fp: int, fn: int, seed: int = 0, half: float = 0.0625) -> SeedScore:
    """A score whose intervals reach `half` to each side, inside 0 to 1."""
    scores = pooled_scores(np.array([[tp, fp, fn]]), ["a"])

    def around(value: float | None) -> tuple[float | None, float | None]:
        return (None, None) if value is None else (max(0, value - half), min(1, value + half))

    intervals = Intervals(
        precision=around(scores.precision), recall=around(scores.recall), f1=around(scores.f1)
    )
    return SeedScore(seed=seed, scores=scores.changed(ci95=intervals, ci95_unit="case"))


COMPARISON = Comparison(
    f1_difference=-0.125, f1_difference_ci95=(-0.25, 0.03125), bootstrap_p=0.0625, mcnemar_p=None
)

COST = Cost(fp32=0.5, int8=0.25)


def measured_row(
    name: str,
    *scores: SeedScore,
    parameters: int = 3_712_345,
    comparison: Comparison | None = COMPARISON,
    cost: Cost | None = COST,
) -> RowResult:
    return RowResult(
        name=name,
        model="module:function",
        weights="random",
        parameters=parameters,
        macs=45_100_000_000,
        cost=cost,
        scores=scores,
        comparison=comparison,
    )


def experiment(
    *rows: RowResult, target: Target = "table2", title: str = "Table 2: parts", reference: str = ""
) -> ExperimentResult:
    """A result of these rows, each with what the paper states for its name."""
    published = {one.name: one for one in PUBLISHED[target]}
    shown = [
        row.model_copy(
            update={
                "published": published[row.name].rates,
                "published_source": published[row.name].source,
            }
        )
        if row.name in published
        else row
        for row in rows
    ]
    return ExperimentResult(
        target=target,
        title=title,
        stage="both stages" if target in ("table3", "figure6", "curve") else "stage 1",
        protocol="icpr2012-8um: a hit within 8 um",
        data="cases: train 6 cases, 20 fields, 90 figures; test 3 cases, 15 fields, 60 figures",
        notes=("Thresholds are chosen on validation.", "Seconds a field: Keras, 2 CPU cores."),
        reference=reference or rows[-1].name,
        rows=tuple(shown),
    )
