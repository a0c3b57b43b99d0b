import pytest

from mitokeras.crossvalidation.folds import Dealt, deal_cases, held_out_by
from mitokeras.errors import DataError


def stored(source: str, case: str, figures: int) -> Dealt:
    return Dealt(source, f"{source}/{case}", figures)


def test_cases_stay_whole_and_figures_are_even_in_each_data_set() -> None:
    fields = [stored("a", "big", 9), stored("a", "big", 3), stored("a", "other", 5)]
    fields += [stored("b", str(number), 1) for number in range(40)]
    fields += [stored("synthetic", "x", 4)]
    folds = deal_cases(fields, 2, seed=0)
    assert folds[0] == folds[1] != folds[2]
    of_b = folds[3:43]
    assert of_b.count(0) == of_b.count(1) == 20
    assert of_b not in ([0, 1] * 20, [0] * 20 + [1] * 20)  # not by name
    assert folds[43] is None
    assert deal_cases(fields, 2, seed=0) == folds


def test_each_fold_needs_a_case_with_a_figure() -> None:
    fields = [stored("a", "1", 3), stored("a", "2", 3), stored("a", "3", 0)]
    with pytest.raises(DataError, match=r"^a: must have .* for each of 3 folds\. Received: 2"):
        deal_cases(fields, 3, seed=0)


def test_patterns_hold_cases_out() -> None:
    fields = [stored("a", "x_1", 2), stored("a", "x_2", 0), stored("a", "y_1", 3)]
    fields += [stored("b", "1", 4), stored("c", "1", 1)]
    assert held_out_by(fields, [("a/x_*", "b/*"), ("a/y_?",)]) == [0, 0, 1, 0, None]


def test_no_case_is_held_out_twice() -> None:
    fields = [stored("a", "x_1", 2), stored("a", "x_2", 1), stored("b", "1", 4)]
    with pytest.raises(DataError, match="a/x_2: a case must be held out by one fold at most"):
        held_out_by(fields, [("a/*",), ("a/x_2", "b/*")])


@pytest.mark.parametrize(("pattern", "held"), [("a/x_2", "none"), ("*", "all")])
def test_a_fold_by_patterns_holds_out_some_figures(pattern: str, held: str) -> None:
    fields = [stored("a", "x_1", 2), stored("a", "x_2", 0)]
    with pytest.raises(DataError, match=f"hold out some of the mitotic figures. Received: {held}"):
        held_out_by(fields, [(pattern,)])


def test_a_case_of_two_data_sets_is_in_one_fold() -> None:
    fields = [stored("a", str(n), 1) for n in range(6)] + [stored("b", str(n), 1) for n in range(6)]
    fields += [Dealt("b", "a/0", 5), Dealt("b", "a/1", 1)]
    folds = deal_cases(fields, 2, seed=0)
    assert folds[-2:] == folds[:2]


def test_each_pattern_names_a_case() -> None:
    """One among others that names none would leave in training what was to be held out."""
    fields = [stored("a", "x_1", 2), stored("b", "1", 4)]
    with pytest.raises(DataError, match=r"^a/y_\*: must name a case, such as a/x_1, b/1\."):
        held_out_by(fields, [("a/y_*", "b/1"), ("a/x_1",)])
