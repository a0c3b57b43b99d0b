from dataclasses import replace

import numpy as np
import pytest

from mitokeras.data.protocols import get_protocol
from mitokeras.detect.candidates import Candidates
from mitokeras.score.evaluation import ScoredField
from mitokeras.score.thresholds import (
    CLASSIFIER_THRESHOLDS,
    SEGMENTER_THRESHOLDS,
    best_f1,
    candidates_at_thresholds,
    choose_classifier_threshold,
    choose_segmenter_threshold,
    classifier_counts,
    highest_with_recall,
    segmenter_counts,
)

MIDOG = get_protocol("midog")


def bumps() -> np.ndarray:
    probability = np.zeros((60, 200), dtype=np.float32)
    probability[10:30, 20:40] = 0.92  # a figure
    probability[10:30, 120:140] = 0.42  # something else
    return probability


def scored(candidates) -> ScoredField:
    return ScoredField("f", "a", 0.25, 1.0, np.array([[30.0, 20.0]]), candidates)


def test_stage_1_counts_follow_the_threshold() -> None:
    swept = candidates_at_thresholds(bumps(), min_area_px=100)
    counts = segmenter_counts(scored(swept[0]), swept, MIDOG)
    for threshold, row in zip(SEGMENTER_THRESHOLDS, counts, strict=True):
        found, false = threshold < 0.92, threshold < 0.42
        assert row.tolist() == [int(found), int(false), int(not found)]


def test_stage_2_counts_follow_the_threshold() -> None:
    found = candidates_at_thresholds(bumps(), 100)[0].judged(np.array([0.8, 0.3], np.float32), 0.5)
    counts = classifier_counts(scored(found), MIDOG)
    for threshold, row in zip(CLASSIFIER_THRESHOLDS, counts, strict=True):
        kept, false = np.float32(0.8) >= threshold, np.float32(0.3) >= threshold
        assert row.tolist() == [int(kept), int(false), int(not kept)]


def test_highest_threshold_that_keeps_the_recall() -> None:
    thresholds = np.array([0.1, 0.3, 0.5, 0.7])
    counts = np.array([[9, 50, 1], [10, 30, 0], [9, 10, 1], [7, 1, 3]])
    assert highest_with_recall(thresholds, counts, 0.9) == 2
    assert highest_with_recall(thresholds, counts, 1.0) == 1
    # never reached: the best recall that there is
    assert highest_with_recall(thresholds, np.array([[5, 9, 5], [5, 1, 5], [1, 0, 9]]), 0.9) == 1
    assert highest_with_recall(thresholds, np.zeros((4, 3), int), 0.9) == 3


def test_best_f1_takes_the_middle_of_the_widest_plateau() -> None:
    good, bad = [8, 2, 2], [5, 5, 5]
    assert best_f1(np.array([bad, good, bad, good, good, good, bad])) == 4
    assert best_f1(np.zeros((5, 3), int)) == 2


def test_thresholds_are_chosen_over_all_fields() -> None:
    protocol = get_protocol("scmitosis")

    def field(score: float) -> ScoredField:
        found = Candidates(
            xy=np.array([[10.0, 10.0], [90.0, 90.0]]),
            area_px=np.array([200, 200]),
            segmenter_score=np.ones(2, np.float32),
            classifier_score=np.array([score, 0.3], np.float32),
            accepted=np.ones(2, bool),
        )
        return ScoredField("f", "c", 0.25, 1.0, np.array([[10.0, 10.0]]), found)

    # Any threshold above 0.3 and up to 0.5 is without error; its middle is taken.
    threshold = choose_classifier_threshold([field(0.9), field(0.5)], protocol)
    assert 0.3 < threshold <= 0.5

    blank, figure = np.zeros((2, 100, 100), np.float32)
    figure[5:16, 5:16] = 0.62
    swept = [
        (replace(field(0.9), candidates=Candidates.none()), candidates_at_thresholds(m, 50))
        for m in (figure, blank)
    ]
    chosen, counts = choose_segmenter_threshold(swept, protocol, recall=0.5)
    assert SEGMENTER_THRESHOLDS[chosen] == pytest.approx(0.6)
    assert counts[chosen].tolist() == [1, 0, 1]
