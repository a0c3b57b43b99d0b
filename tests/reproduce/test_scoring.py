import pytest

from mitokeras.reproduce.scoring import compared, seed_score
from mitokeras.reproduce.workspace import RowScore


def score(counts: list[tuple[int, int, int]], cases: list[str]) -> RowScore:
    return RowScore(
        parameters=1,
        macs=None,
        training_cases=4,
        training_figures=20,
        candidates_per_mm2=100.0,
        thresholds={"segmenter": 0.5},
        cases=tuple(cases),
        counts=tuple(counts),
    )


def test_counts_are_pooled_and_drawn_by_case() -> None:
    of_cases = score([(2, 1, 0), (0, 1, 2), (4, 0, 0), (1, 1, 1)], ["a", "a", "b", "c"])
    result = seed_score(5, of_cases)
    found = result.scores
    assert (result.seed, found.tp, found.fp, found.fn) == (5, 7, 3, 3)
    assert found.f1 == pytest.approx(14 / 20)
    assert found.ci95_unit == "case"
    low, high = found.ci95.f1
    assert low == pytest.approx(4 / 8)  # all draws the worst case, a: 2 tp, 2 fp, 2 fn
    assert high == 1.0
    assert seed_score(0, score([(2, 1, 0), (0, 1, 2)], ["a", "b"])).scores.ci95_unit == "field"


def test_comparison_of_two_rows_by_hand() -> None:
    ours = score([(1, 0, 0), (1, 0, 0), (1, 0, 0), (0, 0, 1)], ["a", "b", "c", "d"])
    theirs = score([(1, 0, 0), (0, 1, 1), (0, 1, 1), (0, 1, 1)], ["a", "b", "c", "d"])
    result = compared(ours, theirs)
    assert result.f1_difference == pytest.approx(6 / 7 - 2 / 8)
    assert result.mcnemar_p == 0.5  # two fields that only ours has right, of two: 2 * 0.25
    same = compared(ours, ours)
    assert same.f1_difference == 0.0
    assert same.mcnemar_p is None
