from dataclasses import replace

import numpy as np
import pytest

from mitokeras.data.protocols import get_protocol
from mitokeras.detect.candidates import Candidates
from mitokeras.score.scored_field import ScoredField
from mitokeras.score.thresholds import (
    CLASSIFIER_THRESHOLDS,
    SEGMENTER_THRESHOLDS,
    Sweep,
    best_f1,
    both_counts,
    candidates_at_thresholds,
    choose_thresholds,
    classifier_counts,
    highest_with_recall,
    segmenter_counts,
)

MIDOG, SCMITOSIS = get_protocol("midog"), get_protocol("scmitosis")


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
    counts = np.array([[9, 50, 1], [10, 30, 0], [9, 10, 1], [7, 1, 3]])
    assert highest_with_recall(counts, 0.9) == 2
    assert highest_with_recall(counts, 1.0) == 1
    # never reached: the best recall that there is
    assert highest_with_recall(np.array([[5, 9, 5], [5, 1, 5], [1, 0, 9]]), 0.9) == 1
    assert highest_with_recall(np.zeros((4, 3), int), 0.9) == 3


def test_best_f1_takes_the_middle_of_the_widest_plateau() -> None:
    good, bad = [8, 2, 2], [5, 5, 5]
    assert best_f1(np.array([bad, good, bad, good, good, good, bad])) == 4
    assert best_f1(np.zeros((5, 3), int)) == 2


def field(score: float) -> ScoredField:
    """A figure with that score of stage 2, and a false candidate with 0.3."""
    found = Candidates(
        xy=np.array([[10.0, 10.0], [90.0, 90.0]]),
        area_px=np.array([200, 200]),
        segmenter_score=np.ones(2, np.float32),
        classifier_score=np.array([score, 0.3], np.float32),
        accepted=np.ones(2, bool),
        atypical_score=np.full(2, np.nan, np.float32),
    )
    return ScoredField("f", "c", 0.25, 1.0, np.array([[10.0, 10.0]]), found)


def sweep(scored: ScoredField, complete: bool = True) -> Sweep:
    """One threshold of stage 1, whose candidates stage 2 judges as they are."""
    truth = replace(scored, complete=complete)
    return Sweep(truth, [scored.candidates])


def test_stage_2_gets_the_best_f1_over_all_fields() -> None:
    # Any threshold above 0.3 and up to 0.5 is without error; its middle is taken.
    sweeps = [sweep(field(0.9)), sweep(field(0.5))]
    number, chosen = choose_thresholds(np.array([0.35]), sweeps, SCMITOSIS)
    assert (number, chosen.segmenter) == (0, 0.35)
    assert 0.3 < chosen.classifier <= 0.5
    judged = sweeps[1].at(0, chosen.classifier)
    assert judged.candidates.accepted.tolist() == [True, False]


def test_stage_1_gets_the_recall_that_is_asked_for() -> None:
    blank, figure = np.zeros((2, 100, 100), np.float32)
    figure[5:16, 5:16] = 0.62
    sweeps = [
        Sweep(
            field(0.9),
            [
                found.judged(np.full(len(found), 0.7, np.float32), 0.5)
                for found in candidates_at_thresholds(probability, 50)
            ],
        )
        for probability in (figure, blank)
    ]
    number, chosen = choose_thresholds(SEGMENTER_THRESHOLDS, sweeps, SCMITOSIS, recall=0.5)
    assert SEGMENTER_THRESHOLDS[number] == chosen.segmenter == pytest.approx(0.6)
    assert sweeps[0].segmenter_counts(SCMITOSIS)[number].tolist() == [1, 0, 0]


def test_false_positives_are_scaled_up_to_all_figures() -> None:
    """With one figure in a complete field and three in others, a false one counts as four.

    At a threshold up to 0.3 each field has its figure and a false one: 4 hits, 4 false ones, F1
    2/3. Above it two of the four figures are lost: 2 hits, none false, F1 2/3 as well, and above
    0.3 with three figures kept 6/7.
    """
    partly = [sweep(field(score), complete=False) for score in (0.9, 0.9, 0.25)]
    complete, others = both_counts([sweep(field(0.9)), *partly], 0, SCMITOSIS)
    at_a_quarter = int(np.argmin(np.abs(CLASSIFIER_THRESHOLDS - 0.24)))
    assert complete[at_a_quarter].tolist() == [1, 1, 0]
    assert others[at_a_quarter].tolist() == [3, 0, 0]
    _, chosen = choose_thresholds(np.array([0.5]), [sweep(field(0.9)), *partly], SCMITOSIS)
    assert 0.3 < chosen.classifier <= 0.9


def rated(scores: list[float], figures: int, area_mm2: float, source: str = "") -> Sweep:
    """Figures with the first of the scores, false candidates with the others, `area_mm2` large."""
    n = len(scores)
    xy = np.column_stack([100.0 * np.arange(n), np.zeros(n)])
    found = Candidates(
        xy=xy,
        area_px=np.full(n, 200),
        segmenter_score=np.ones(n, np.float32),
        classifier_score=np.array(scores, np.float32),
        accepted=np.ones(n, bool),
        atypical_score=np.full(n, np.nan, np.float32),
    )
    truth = ScoredField("f", "c", 0.25, area_mm2, xy[:figures], found, source=source)
    return Sweep(truth, [found])


def test_as_many_figures_as_a_rate_of_false_ones_allows() -> None:
    """On 1 mm2 figures of 0.9, 0.6 and 0.3; false ones of 0.8, 0.5 and 0.4."""
    sweep = rated([0.9, 0.6, 0.3, 0.8, 0.5, 0.4], 3, 1.0)
    for limit, accepted in ((1, 2), (2.5, 2), (3, 3)):
        _, chosen = choose_thresholds(np.array([0.5]), [sweep], SCMITOSIS, false_per_mm2=limit)
        found = sweep.at(0, chosen.classifier).candidates
        assert found.accepted[:3].sum() == accepted
        assert found.accepted[3:].sum() <= limit


def test_where_the_fields_are_small_one_false_figure_is_allowed() -> None:
    sweep = rated([0.9, 0.6, 0.8, 0.5], 2, 0.01)
    _, chosen = choose_thresholds(np.array([0.5]), [sweep], SCMITOSIS, false_per_mm2=5)
    assert sweep.at(0, chosen.classifier).candidates.accepted.tolist() == [True, True, True, False]


def test_each_data_set_keeps_to_the_limit() -> None:
    """Pooled, 3 false figures in 10 mm2 were few; the small data set has 3 in 1 mm2."""
    large = rated([0.9] * 5, 5, 9.0, "large")
    small = rated([0.9, 0.7, 0.6, 0.5], 1, 1.0, "small")
    _, chosen = choose_thresholds(np.array([0.5]), [large, small], SCMITOSIS, false_per_mm2=1)
    assert 0.6 < chosen.classifier <= 0.9


def test_where_no_threshold_keeps_to_the_limit_the_fewest_false_figures_are_taken() -> None:
    sweep = rated([0.9995, 0.9999, 0.9999, 0.5], 1, 1.0)
    _, chosen = choose_thresholds(np.array([0.5]), [sweep], SCMITOSIS, false_per_mm2=1)
    assert sweep.at(0, chosen.classifier).candidates.accepted.tolist() == [True, True, True, False]


@pytest.mark.parametrize("top", [0.9, 255 / 256])
def test_no_threshold_is_chosen_that_no_figure_reaches(top: float) -> None:
    """Above the highest score nothing is false either."""
    sweep = rated([top, 0.5, top, top, 0.7], 2, 1.0)
    _, chosen = choose_thresholds(np.array([0.5]), [sweep], SCMITOSIS, false_per_mm2=1)
    assert 0.7 < chosen.classifier <= top


def test_a_threshold_of_stage_1_that_finds_nothing_is_the_last_to_be_chosen() -> None:
    some = rated([0.9, 0.9, 0.9], 1, 1.0)
    nothing = replace(some.found[0], **{
        key: value[:0] for key, value in vars(some.found[0]).items()
    })  # fmt: skip
    sweep = Sweep(some.truth, [some.found[0], nothing])
    number, _ = choose_thresholds(np.array([0.5, 0.6]), [sweep], SCMITOSIS, false_per_mm2=1)
    assert number == 0


def test_where_nothing_is_ever_found_the_limit_is_kept() -> None:
    sweep = rated([0.9, 0.9], 0, 1.0)
    _, chosen = choose_thresholds(np.array([0.5]), [sweep], SCMITOSIS, false_per_mm2=1)
    assert chosen.classifier > 0.9


def test_false_figures_of_patches_count_only_where_there_are_no_fields() -> None:
    """The patch alone would ask for a threshold above 0.7."""
    patch = rated([0.9, 0.7, 0.7], 1, 0.001, "patches")
    field = rated([0.9, 0.6, 0.2], 2, 1.0, "fields")
    at = {}
    for name, sweeps in (("both", [patch, field]), ("patch", [patch])):
        _, chosen = choose_thresholds(np.array([0.5]), sweeps, SCMITOSIS, false_per_mm2=1)
        at[name] = chosen.classifier
    assert at["both"] <= 0.6
    assert 0.7 < at["patch"] <= 0.9


@pytest.mark.parametrize(("lost", "expected"), [(1, 1), (3, 0)])
def test_of_pairs_that_find_as_many_that_with_fewer_candidates_is_taken(
    lost: int, expected: int
) -> None:
    """Of 300 figures one is a third of a percent, three are one."""
    every = rated([0.9] * 300, 300, 1.0)
    fewer = every.found[0].only(np.arange(300) >= lost)
    sweep = Sweep(every.truth, [every.found[0], fewer])
    number, _ = choose_thresholds(np.array([0.1, 0.6]), [sweep], SCMITOSIS, false_per_mm2=1)
    assert number == expected
