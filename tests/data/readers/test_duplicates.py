from pathlib import Path

import pytest

from mitokeras.counting.atypical import Subtype
from mitokeras.data.fields import Field, Mark
from mitokeras.data.readers.duplicates import taken_once
from mitokeras.errors import DataError

Point = tuple[float, float]


def marks(*points: Point) -> tuple[Mark, ...]:
    return tuple(Mark(x, y) for x, y in points)


def field(
    figures: tuple[Mark, ...], lookalikes: tuple[Mark, ...] = (), nuclei: tuple[Mark, ...] = ()
) -> Field:
    return Field(Path("a.png"), "c", 0.25, figures, lookalikes, nuclei)


def places(of: tuple[Mark, ...]) -> list[Point]:
    return [(mark.x, mark.y) for mark in of]


def test_the_first_of_several_is_kept_and_the_rest_counted() -> None:
    figures = marks((10, 10), (50, 50), (10, 10), (10.5, 10.5), (50, 51), (50, 52.5))
    (kept,), notes = taken_once([field(figures)])
    assert places(kept.figures) == [(10, 10), (50, 50), (50, 52.5)]
    assert notes == ["3 labels within 1 px of another of the same kind: taken once"]


def test_fields_without_any_are_as_they_were() -> None:
    fields = (field(marks((1, 1), (3, 1))), field(()), field(marks((1, 1))))
    assert taken_once(fields) == (fields, [])


def test_notes_count_over_all_fields() -> None:
    fields = [field(marks((1, 1), (1, 1))), field((), marks((2, 2), (2, 2), (2, 2)))]
    kept, notes = taken_once(fields)
    assert [len(each.figures) + len(each.lookalikes) for each in kept] == [1, 1]
    assert notes == ["3 labels within 1 px of another of the same kind: taken once"]


def test_a_nucleus_that_is_a_figure_is_left_out() -> None:
    nuclei = marks((1, 1), (9, 9), (20, 20))
    (kept,), notes = taken_once([field(marks((1, 1.5)), marks((9, 9)), nuclei)])
    assert (places(kept.figures), places(kept.lookalikes)) == ([(1, 1.5)], [(9, 9)])
    assert places(kept.nuclei) == [(20, 20)]
    assert notes == ["2 ordinary nuclei within 1 px of a figure or look-alike: left out"]


def test_a_figure_that_is_a_lookalike_is_refused() -> None:
    message = r"a\.png: .*one thing only.* Received: \(4, 5\) as a mitotic figure and a look-alike"
    with pytest.raises(DataError, match=message):
        taken_once([field(marks((1, 1), (4, 5)), marks((4.5, 5)))])


@pytest.mark.parametrize(
    ("first", "second", "subtype"),
    [("", "atypical", "atypical"), ("normal", "", "normal"), ("normal", "normal", "normal")],
)
def test_the_subtype_that_one_states_is_kept(
    first: Subtype, second: Subtype, subtype: Subtype
) -> None:
    figures = (Mark(1, 1, subtype=first), Mark(1, 1, subtype=second))
    (kept,), _ = taken_once([field(figures)])
    assert [mark.subtype for mark in kept.figures] == [subtype]


def test_two_subtypes_of_one_figure_are_refused() -> None:
    figures = (Mark(1, 1, subtype="normal"), Mark(1, 1, subtype="atypical"))
    with pytest.raises(DataError, match=r"\(1, 1\) as normal and atypical"):
        taken_once([field(figures)])
