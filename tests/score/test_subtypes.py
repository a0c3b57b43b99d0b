"""Scores of stage 3."""

import numpy as np
import pytest

from mitokeras.counting.atypical import Subtyping
from mitokeras.score.subtypes import (
    LEAST_FIGURES,
    JudgedFigures,
    best_threshold,
    mean_scores,
    measured,
    score_subtype_folds,
    score_subtypes,
)


def judged(atypical: list[float], normal: list[float], case: str = "a") -> JudgedFigures:
    """Figures of one case by their scores."""
    score = np.array([*atypical, *normal])
    return JudgedFigures(np.arange(len(score)) < len(atypical), score, np.full(len(score), case))


def test_rates_and_auroc_by_hand() -> None:
    figures = judged([0.9, 0.6, 0.2], [0.1, 0.3, 0.6, 0.7])
    assert figures.rates(0.6) == (pytest.approx(2 / 3), pytest.approx(2 / 4))
    # Pairs that atypical wins: 4, then 2 and a tie, then 1; of 12.
    assert figures.auroc() == pytest.approx((4 + 2.5 + 1) / 12)


def test_the_best_threshold_lies_between_what_it_separates() -> None:
    figures = judged([0.8] * 5, [0.2] * 50)
    assert 0.4 < best_threshold(figures) < 0.6


def test_scores_move_so_that_the_threshold_is_a_half_and_keep_their_order() -> None:
    figures = judged([0.9, 0.2], [0.05, 0.21])
    moved = figures.at(0.2)
    assert moved.score[1] == pytest.approx(0.5)
    assert moved.rates(0.5) == figures.rates(0.2)
    assert moved.auroc() == figures.auroc()


def test_the_bootstrap_draws_cases() -> None:
    # Within a case all is right or all is wrong: drawn by figure the interval would be narrow.
    parts = [judged([0.9] * 20, [0.1] * 20, case) for case in "abcd"]
    parts += [judged([0.1] * 20, [0.9] * 20, case) for case in "ef"]
    scores = score_subtypes(JudgedFigures.joined(parts), 0.5)
    assert (scores.normal, scores.atypical, scores.cases) == (120, 120, 6)
    assert scores.balanced_accuracy == pytest.approx(4 / 6)
    assert scores.ci95_unit == "case"
    low, high = scores.ci95.balanced_accuracy or (None, None)
    assert low is not None and low <= 2 / 6
    assert high == 1


def test_the_interval_of_several_trainings_is_that_of_their_mean() -> None:
    # The second errs in each case where the first is right, and the other way round: the mean of
    # each case is a half, whatever is drawn.
    trainings = [
        JudgedFigures.joined(
            [
                judged([0.9] * 5, [0.1] * 5, case) if right else judged([0.1] * 5, [0.9] * 5, case)
                for case, right in zip("abcd", pattern, strict=True)
            ]
        )
        for pattern in ((True, False, True, False), (False, True, False, True))
    ]
    scores = mean_scores(trainings, 0.5)
    assert (scores.normal, scores.atypical, scores.cases) == (20, 20, 4)
    assert scores.balanced_accuracy == pytest.approx(0.5)
    assert scores.ci95.sensitivity == pytest.approx((0.5, 0.5))
    assert mean_scores(trainings[:1], 0.5).ci95.sensitivity == pytest.approx((0.0, 1.0))


def test_few_cases_draw_figures() -> None:
    assert score_subtypes(judged([0.9] * 12, [0.2] * 12), 0.5).ci95_unit == "figure"


def test_one_subtype_alone_has_no_balanced_accuracy() -> None:
    scores = score_subtypes(judged([], [0.2, 0.9]), 0.5)
    assert (scores.balanced_accuracy, scores.auroc, scores.sensitivity) == (None, None, None)
    assert scores.specificity == 0.5


def test_rates_of_few_figures_are_not_stated() -> None:
    subtyping = Subtyping(threshold=0.5, chosen="by hand")
    few = judged([0.9] * (LEAST_FIGURES - 1), [0.1] * 100)
    assert measured(subtyping, few) == subtyping
    enough = measured(subtyping, judged([0.9] * LEAST_FIGURES, [0.1] * 30 + [0.8] * 10))
    assert (enough.sensitivity, enough.specificity) == (1, 0.75)


def test_each_fold_is_judged_at_the_threshold_of_the_others() -> None:
    # The second fold's stage 3 gives low probabilities throughout.
    first = {"one": judged([0.9] * 20, [0.4] * 20)}
    second = {"two": judged([0.3] * 20, [0.05] * 20, "b")}
    found = score_subtype_folds([first, second])
    at_first, at_second = found.of_folds
    assert 0.05 < at_first.threshold <= 0.3
    assert (at_first.sensitivity, at_first.specificity) == (1, 0)
    assert 0.4 < at_second.threshold <= 0.9
    assert (at_second.sensitivity, at_second.specificity) == (0, 1)
    assert (found.subtyping.sensitivity, found.subtyping.specificity) == (0.5, 0.5)
    assert found.sources["one"].specificity == 0
    assert found.sources["one"].auroc == 1
    assert found.sources["two"].threshold is None
