"""How well stage 3 tells atypical mitotic figures from normal ones."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import NamedTuple

import numpy as np
from scipy.stats import rankdata

from mitokeras.counting.atypical import SUBTYPES, Subtyping
from mitokeras.score.rates import BOOTSTRAP_DRAWS, FEWEST_CASES, or_none
from mitokeras.score.scores import SubtypeIntervals, SubtypeScores
from mitokeras.score.thresholds import CLASSIFIER_THRESHOLDS

LEAST_FIGURES = 10
"""Of each subtype. From fewer nothing is learned, and no threshold or score is taken."""


@dataclass(frozen=True, eq=False)
class JudgedFigures:
    """Labelled mitotic figures under stage 3.

    Attributes:
        atypical: What the labels say, bool, shape (n,).
        score: Probability of an atypical figure, shape (n,).
        case: Patient or slide, str, shape (n,).
    """

    atypical: np.ndarray
    score: np.ndarray
    case: np.ndarray

    @classmethod
    def of_known(cls, subtypes: np.ndarray, score: np.ndarray, case: str) -> JudgedFigures:
        """Those of one case whose subtype is labelled.

        Args:
            subtypes: `Subtype` of each figure, shape (n,).
            score: Probability of an atypical figure, shape (n,).
            case: Patient or slide.
        """
        known = np.isin(subtypes, SUBTYPES)
        return cls(subtypes[known] == "atypical", score[known], np.full(int(known.sum()), case))

    @classmethod
    def joined(cls, parts: Sequence[JudgedFigures]) -> JudgedFigures:
        """All of one or more sets, in order."""
        return cls(
            *(np.concatenate([getattr(part, each.name) for part in parts]) for each in fields(cls))
        )

    @property
    def enough(self) -> bool:
        """Whether there are `LEAST_FIGURES` of each subtype."""
        atypical = int(self.atypical.sum())
        return min(atypical, len(self.atypical) - atypical) >= LEAST_FIGURES

    def rates(self, threshold: float) -> tuple[float, float]:
        """Sensitivity and specificity; NaN where there is no figure of the subtype."""
        called = self.score >= threshold
        return _share(called[self.atypical]), _share(~called[~self.atypical])

    def balanced_accuracy(self, threshold: float) -> float:
        """Mean of both rates."""
        return float(np.mean(self.rates(threshold)))

    def auroc(self) -> float:
        """Area under the ROC curve, ties counted half; NaN with one subtype alone."""
        atypical = int(self.atypical.sum())
        normal = len(self.atypical) - atypical
        if not atypical or not normal:
            return float("nan")
        ranks = rankdata(self.score)[self.atypical].sum()
        return float((ranks - atypical * (atypical + 1) / 2) / (atypical * normal))

    def at(self, threshold: float) -> JudgedFigures:
        """The same with their scores moved, evenly in the logit, so that the threshold is 0.5."""
        odds = self.score.astype(np.float64) * (1 - threshold)
        return replace(self, score=odds / (odds + (1 - self.score) * threshold))

    def _only(self, which: np.ndarray) -> JudgedFigures:
        return JudgedFigures(self.atypical[which], self.score[which], self.case[which])


def _share(which: np.ndarray) -> float:
    return float(which.mean()) if len(which) else float("nan")


def best_threshold(judged: JudgedFigures) -> float:
    """The threshold of `CLASSIFIER_THRESHOLDS` with the best balanced accuracy.

    Of several the middle one.
    """
    found = np.array([judged.balanced_accuracy(t) for t in CLASSIFIER_THRESHOLDS])
    best = np.flatnonzero(found == found.max())
    return float(CLASSIFIER_THRESHOLDS[best[len(best) // 2]])


def measured(subtyping: Subtyping, test: JudgedFigures) -> Subtyping:
    """With the rates on figures that neither stage 3 nor its threshold has seen, where enough."""
    if not test.enough:
        return subtyping
    sensitivity, specificity = (round(rate, 4) for rate in test.rates(subtyping.threshold))
    return subtyping.changed(sensitivity=sensitivity, specificity=specificity)


class SubtypeFolds(NamedTuple):
    """What the folds of a cross-validation say of stage 3.

    Attributes:
        subtyping: Of the final run: its threshold chosen on all folds, its rates those of the folds
            at thresholds that the others have chosen.
        of_folds: Of each fold, at the threshold that the others have chosen.
        sources: Scores of each data set, at those thresholds.
    """

    subtyping: Subtyping
    of_folds: tuple[Subtyping, ...]
    sources: dict[str, SubtypeScores]


def score_subtype_folds(folds: Sequence[Mapping[str, JudgedFigures]]) -> SubtypeFolds:
    """Choose the thresholds of stage 3, and score it.

    Args:
        folds: Two or more: the figures that each holds out, by data set, under its stage 3.
    """
    of_folds, moved = [], []
    for fold in folds:
        others = [own for other in folds if other is not fold for own in other.values()]
        chosen = _chosen(JudgedFigures.joined(others), "held-out figures of the other folds")
        of_folds.append(measured(chosen, JudgedFigures.joined([*fold.values()])))
        moved.append({source: own.at(chosen.threshold) for source, own in fold.items()})
    final = _chosen(
        JudgedFigures.joined([own for fold in folds for own in fold.values()]),
        "held-out figures of all folds",
    )
    pooled = JudgedFigures.joined([own for fold in moved for own in fold.values()])
    rates = measured(final.changed(threshold=0.5), pooled)
    by_source = {
        source: JudgedFigures.joined([fold[source] for fold in moved if source in fold])
        for source in sorted({source for fold in moved for source in fold})
    }
    return SubtypeFolds(
        rates.changed(threshold=final.threshold),
        tuple(of_folds),
        {
            source: score_subtypes(own, 0.5).changed(threshold=None)
            for source, own in by_source.items()
            if own.enough
        },
    )


def _chosen(judged: JudgedFigures, which: str) -> Subtyping:
    if not judged.enough:
        return Subtyping(threshold=0.5, chosen=f"as it was trained on; there are too few {which}")
    return Subtyping(
        threshold=best_threshold(judged),
        chosen=f"the best balanced accuracy on {len(judged.score)} {which}",
    )


def score_subtypes(judged: JudgedFigures, threshold: float, seed: int = 0) -> SubtypeScores:
    """Score stage 3.

    The intervals are percentiles of a bootstrap that draws cases, or figures where there are fewer
    than three cases.

    Args:
        judged: One or more figures.
        threshold: A figure is called atypical at this probability or more.
        seed: Seed of the draws.
    """
    return mean_scores([judged], threshold, seed)


def mean_scores(
    trainings: Sequence[JudgedFigures], threshold: float, seed: int = 0
) -> SubtypeScores:
    """The mean of the scores of several trainings, with the intervals of this mean.

    Args:
        trainings: One or more, on the same figures in the same order.
        threshold: As for `score_subtypes`, that of all.
        seed: Likewise.
    """
    measures: dict[str, Callable[[JudgedFigures], float]] = {
        "balanced_accuracy": lambda own: own.balanced_accuracy(threshold),
        "auroc": JudgedFigures.auroc,
        "sensitivity": lambda own: own.rates(threshold)[0],
        "specificity": lambda own: own.rates(threshold)[1],
    }

    def means(which: np.ndarray) -> np.ndarray:
        drawn = [own._only(which) for own in trainings]
        return np.mean([[measure(own) for measure in measures.values()] for own in drawn], axis=0)

    judged = trainings[0]
    names, of_case = np.unique(judged.case, return_inverse=True)
    by_case = len(names) >= FEWEST_CASES
    units = [np.flatnonzero(of_case == i) for i in range(len(names))]
    if not by_case:
        units = [np.array([i]) for i in range(len(judged.case))]
    rng = np.random.default_rng(seed)
    draws = [
        means(np.concatenate([units[i] for i in rng.integers(0, len(units), len(units))]))
        for _ in range(BOOTSTRAP_DRAWS)
    ]
    intervals = {}
    for name, values in zip(measures, np.array(draws).T, strict=True):
        defined = values[~np.isnan(values)]
        if len(defined):
            low, high = np.percentile(defined, [2.5, 97.5])
            intervals[name] = (float(low), float(high))
    found = map(or_none, means(np.arange(len(judged.case))).tolist())
    return SubtypeScores(
        threshold=threshold,
        normal=int((~judged.atypical).sum()),
        atypical=int(judged.atypical.sum()),
        cases=len(names),
        **dict(zip(measures, found, strict=True)),
        ci95=SubtypeIntervals(**intervals),
        ci95_unit="case" if by_case else "figure",
    )
