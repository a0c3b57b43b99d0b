"""What a training says about the figures of the other sets, and the table of all trainings."""

from __future__ import annotations

import statistics
from typing import Annotated, Literal, Self, get_args

import numpy as np
from pydantic import Field

from mitokeras.disk.records import Record
from mitokeras.score.scores import SubtypeScores
from mitokeras.score.subtypes import JudgedFigures

Measure = Literal["balanced_accuracy", "auroc", "sensitivity", "specificity"]
MEASURES: tuple[Measure, ...] = get_args(Measure)


class Judged(Record):
    """`JudgedFigures` in a file.

    Attributes:
        atypical: What the labels say of each figure.
        score: Probability of an atypical figure.
        case: Patient or slide.
    """

    atypical: Annotated[tuple[bool, ...], Field(strict=False)]
    score: Annotated[tuple[float, ...], Field(strict=False)]
    case: Annotated[tuple[str, ...], Field(strict=False)]

    @classmethod
    def of(cls, figures: JudgedFigures) -> Self:
        return cls(
            atypical=tuple(figures.atypical.tolist()),
            score=tuple(figures.score.tolist()),
            case=tuple(figures.case.tolist()),
        )

    @property
    def figures(self) -> JudgedFigures:
        return JudgedFigures(np.array(self.atypical), np.array(self.score), np.array(self.case))


class TrainedFigures(Record):
    """A trained stage 3 on the sets that it was not trained on.

    Attributes:
        threshold: A figure is called atypical at this probability or more.
        chosen: How the threshold was chosen.
        parameters: All weights of the network.
        cases: Number of cases that it learned from.
        normal: Number of their normal figures.
        atypical: Number of their atypical figures.
        tested: By the name of the set.
    """

    threshold: float
    chosen: str
    parameters: int
    cases: int
    normal: int
    atypical: int
    tested: dict[str, Judged]


class Int8Figures(Record):
    """The int8 network of a trained stage 3 on the same sets.

    Attributes:
        size_bytes: Of the TFLite file.
        tested: By the name of the set; empty where there is none.
        failure: Why there is none; empty where there is.
    """

    size_bytes: int
    tested: dict[str, Judged]
    failure: str


class SeedRates(Record):
    """One training on one test set.

    Attributes:
        seed: Of everything random in it.
        threshold: That it has chosen.
        balanced_accuracy: At this threshold.
        auroc: Area under the ROC curve.
        sensitivity: At this threshold.
        specificity: Likewise.
        at_half: Balanced accuracy at a threshold of 0.5, which the benchmark takes.
    """

    seed: int
    threshold: float
    balanced_accuracy: float
    auroc: float
    sensitivity: float
    specificity: float
    at_half: float

    @classmethod
    def of(cls, seed: int, threshold: float, figures: JudgedFigures) -> Self:
        sensitivity, specificity = figures.rates(threshold)
        return cls(
            seed=seed,
            threshold=threshold,
            balanced_accuracy=figures.balanced_accuracy(threshold),
            auroc=figures.auroc(),
            sensitivity=sensitivity,
            specificity=specificity,
            at_half=figures.balanced_accuracy(0.5),
        )


class PairResult(Record):
    """All trainings on one set, tested on another.

    Attributes:
        trained: Name of the training set.
        tested: Name of the test set.
        mean: Mean over the trainings, with the intervals of this mean by a bootstrap of the test
            set's cases, which are the same for all; each at its own threshold.
        seeds: Each training.
        int8: The first training's int8 network, at the threshold of its float one; None where it
            does not convert.
    """

    trained: str
    tested: str
    mean: SubtypeScores
    seeds: Annotated[tuple[SeedRates, ...], Field(strict=False)]
    int8: SeedRates | None

    def deviation(self, measure: Measure) -> float | None:
        """Sample standard deviation over the trainings; None of a single one."""
        values = [getattr(own, measure) for own in self.seeds]
        return statistics.stdev(values) if len(values) > 1 else None

    @property
    def at_half(self) -> float:
        """Mean balanced accuracy at a threshold of 0.5."""
        return statistics.fmean(own.at_half for own in self.seeds)


class AtypicalResult(Record):
    """The whole table.

    Attributes:
        title: Says so when the budget is a smoke run.
        data: Each set, with its figures and cases.
        notes: One sentence each: how it was trained and chosen, what int8 is, what the data say.
        pairs: By training set, then by test set.
    """

    title: str
    data: Annotated[tuple[str, ...], Field(strict=False)]
    notes: Annotated[tuple[str, ...], Field(strict=False)]
    pairs: Annotated[tuple[PairResult, ...], Field(strict=False)]
