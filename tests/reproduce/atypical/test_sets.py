"""Named sets of figures."""

from pathlib import Path

import pytest

from mitokeras.data.fields import Field, Mark
from mitokeras.errors import DataError
from mitokeras.reproduce.atypical.sets import by_data_set, check_sets, set_of_each

CASES = ["a/midog_1", "a/midog_2", "a/midog_1", "b/x", "a/other"]


def test_each_case_is_of_the_set_that_names_it() -> None:
    patterns = {"breast": ("a/midog_*",), "rest": ("b/*", "a/other")}
    assert set_of_each(CASES, patterns) == ["breast", "breast", "breast", "rest", "rest"]
    assert set_of_each(CASES, {"one": ("a/midog_1",), "two": ("b/*",)})[-1] is None


@pytest.mark.parametrize(
    ("patterns", "message"),
    [
        ({"one": ("a/*",), "two": ("c/*",)}, r"c/\*: must name a case, such as a/midog_1"),
        ({"one": ("a/*",), "two": ("*/midog_2",)}, "a/midog_2: a case must be of one set"),
    ],
)
def test_wrong_patterns(patterns: dict[str, tuple[str, ...]], message: str) -> None:
    with pytest.raises(DataError, match=message):
        set_of_each(CASES, patterns)


def test_a_data_set_is_a_set_whatever_its_name() -> None:
    patterns = by_data_set([Path("data/a[1]"), Path("data/a")])
    assert set_of_each(["a[1]/x", "a/x", "a1/x"], patterns) == ["a[1]", "a", None]


def field(case: str, normal: int, atypical: int) -> Field:
    figures = [Mark(1, 1, subtype="normal")] * normal + [Mark(1, 1, subtype="atypical")] * atypical
    return Field(Path("x.png"), case, 0.25, figures=(*figures, Mark(1, 1)))


def test_a_set_must_have_figures_of_both_subtypes() -> None:
    patterns = {"one": ("a",), "two": ("b",)}
    check_sets([field("a", 10, 4), field("a", 0, 6), field("b", 12, 10)], patterns)
    with pytest.raises(DataError, match=r"set two: must have 10 .* 12 normal, 9 atypical"):
        check_sets([field("a", 10, 10), field("b", 12, 9), field("c", 5, 5)], patterns)
