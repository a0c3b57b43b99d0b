from pathlib import Path

import numpy as np
import pytest
import shapely

from mitokeras.data.fields import Field, Mark
from mitokeras.data.known import is_inside
from mitokeras.data.overlaps import Overlap, overlaps_of
from mitokeras.data.readers import read_dataset
from mitokeras.data.sharing import (
    contradictions,
    in_one_case,
    joined,
    scored_once,
    with_shared_labels,
)


def field(name: str, case: str = "A", spacing: float = 0.25, **more: object) -> Field:
    return Field(Path(f"{name}.png"), case, spacing, **more)  # type: ignore[arg-type]


def overlap(first: int, second: int) -> Overlap:
    """Fields of 50 x 50 um, the second 20 um to the right and 10 um up."""
    return Overlap(first, second, 20.0, -10.0, 30.0, 40.0, share=0.48, ncc=0.9)


def test_cases_are_merged_through_others() -> None:
    fields = [field("a", "A"), field("b", "B"), field("c", "C"), field("d", "D"), field("e", "C")]
    merged, notes = in_one_case(fields, [overlap(1, 2), overlap(3, 4)])
    assert [each.case for each in merged] == ["A", "B", "B", "B", "B"]
    assert [each.tissue for each in merged] == ["", "1:b.png", "1:b.png", "3:d.png", "3:d.png"]
    assert notes == [
        "2 pairs of fields overlap: 4 fields show tissue of another one",
        "case B holds C, D as well, as their fields show the same tissue",
    ]


def test_a_crop_of_a_test_image_does_not_train() -> None:
    fields = [field("a", "A", split="test"), field("b", "B", split="train"), field("c", "B")]
    merged, notes = in_one_case(fields, [overlap(0, 1)])
    assert [each.split for each in merged] == ["test", "test", "test"]
    assert notes[-1].startswith("2 fields change their split")


def test_without_overlaps_nothing_changes() -> None:
    fields = [field("a"), field("b")]
    assert joined(fields, []) == (fields, [])


def test_labels_come_to_the_same_place() -> None:
    """(100, 60) of the first at 0.25 um/px is 25.125 and 15.125 um from its corner; the second,
    at 0.5 um/px, begins at (20, -10) um: (5.125, 25.125) um, pixel (9.75, 49.75)."""
    first = field("a", figures=(Mark(100, 60, (40, 20)), Mark(30, 60)), lookalikes=(Mark(120, 90),))
    second = field("b", spacing=0.5, complete=False)
    (one, two), notes = with_shared_labels([first, second], [overlap(0, 1)])
    (figure,), (lookalike,) = two.figures, two.lookalikes
    assert (figure.x, figure.y, figure.size_px) == (9.75, 49.75, (20, 10))
    assert (lookalike.x, lookalike.y) == (19.75, 64.75)
    assert (len(one.figures), len(one.lookalikes)) == (2, 1)
    assert notes[0].startswith("1 mitotic figures and 1 look-alikes are taken over")


def test_what_is_labelled_already_is_left() -> None:
    first = field("a", figures=(Mark(100, 60),), lookalikes=(Mark(150, 90),))
    # 20 um to the right are 80 px, 10 um up 40 px; clicks 4 px apart are of one nucleus.
    second = field("b", figures=(Mark(24, 100), Mark(70, 134)), complete=False)
    (one, two), notes = with_shared_labels([first, second], [overlap(0, 1)])
    assert (len(two.figures), len(two.lookalikes)) == (2, 0)
    assert (len(one.figures), len(one.lookalikes)) == (1, 1)
    assert notes == []


def test_a_completely_labelled_field_contradicts() -> None:
    first = field("a", figures=(Mark(100, 60), Mark(150, 90)))
    second = field("b", lookalikes=(Mark(20, 100),))
    fields, overlaps = [first, second], [overlap(0, 1)]
    found = contradictions(fields, overlaps)
    assert [(each.marked, each.other, each.x, each.called) for each in found] == [
        (0, 1, 100, "look-alike"),
        (0, 1, 150, "nothing"),
    ]
    (one, two), _ = with_shared_labels(fields, overlaps)
    assert (len(two.figures), len(one.lookalikes)) == (0, 0)


@pytest.mark.parametrize(("first_complete", "index"), [(True, 1), (False, 0)])
def test_what_both_show_is_scored_where_all_is_labelled(first_complete: bool, index: int) -> None:
    fields = [field("a", complete=first_complete, figures=(Mark(100, 60),)), field("b")]
    result, notes = scored_once(fields, [overlap(0, 1)])
    boxes = {0: (79.5, -0.5, 199.5, 159.5), 1: (-0.5, 39.5, 119.5, 199.5)}
    assert result[index].repeats == (boxes[index],)
    assert result[1 - index].repeats == ()
    assert f"with {1 - index} labelled" in notes[0]


LEFT, RIGHT = (-0.5, -0.5, 69.5, 199.5), (129.5, -0.5, 199.5, 199.5)
WIDE, SHARED = (59.5, -0.5, 199.5, 199.5), (79.5, -0.5, 199.5, 159.5)


@pytest.mark.parametrize(
    ("first", "second", "out"),
    [
        (LEFT, None, 0),  # of what both show the first labels nothing
        (WIDE, None, 1),  # all
        (RIGHT, None, 0),  # less than the second
        (None, LEFT, 1),
        (RIGHT, LEFT, None),  # each labels a part: columns 129 to 199, and 80 to 149
        # The second's columns 49 to 119 are the first's 129 to 199, 2 px further 131: half a um.
        (RIGHT, (49.5, -0.5, 119.5, 199.5), 1),
        ((131.5, -0.5, 199.5, 199.5), (49.5, -0.5, 119.5, 199.5), 1),
        ((149.5, -0.5, 199.5, 199.5), (49.5, -0.5, 119.5, 199.5), 0),
    ],
)
def test_what_both_show_is_scored_where_more_is_labelled(
    first: tuple[float, ...] | None, second: tuple[float, ...] | None, out: int | None
) -> None:
    areas = [None if edges is None else shapely.box(*edges) for edges in (first, second)]
    fields = [field(name, labelled=area) for name, area in zip("ab", areas, strict=True)]
    result, notes = scored_once(fields, [overlap(0, 1)])
    boxes = {0: SHARED, 1: (-0.5, 39.5, 119.5, 199.5)}
    assert [each.repeats for each in result] == [(boxes[i],) * (i == out) for i in (0, 1)]
    assert len(notes) == (out is not None)


def test_figures_beyond_the_labelled_area_are_scored_nowhere() -> None:
    first = field("a", figures=(Mark(100, 60), Mark(150, 60)), labelled=shapely.box(*RIGHT))
    result, notes = scored_once([first, field("b")], [overlap(0, 1)])
    assert result[0].repeats == (SHARED,)
    assert notes == [
        "what 1 fields show of others, with 1 labelled mitotic figures, is scored in one of them "
        "only"
    ]


def test_a_field_that_labels_its_figures_only_is_left_beyond_what_another_labels() -> None:
    fields = [field("a", complete=False), field("b", labelled=shapely.box(*LEFT))]
    result, notes = scored_once(fields, [overlap(0, 1)])
    assert [each.repeats for each in result] == [(), ()]
    assert notes == []


@pytest.mark.parametrize("edges", [(None, None, None), ((20, 50), (0, 40), (0, 40))])
def test_what_three_fields_show_is_scored_once(edges: tuple[tuple[float, float], ...]) -> None:
    """Each is 50 um wide and 10 um right of the one before; 35 um from the left all are labelled.

    In the second case, in um of the first, they label 20 to 50, 10 to 50 and 20 to 60: each
    next one all that the one before does of what both show, and the first all of the third's.
    """
    fields = [
        field(
            name,
            figures=(Mark((35 - 10 * i) * 4 - 0.5, 99.5),),
            labelled=at and shapely.box(at[0] * 4 - 0.5, -0.5, at[1] * 4 - 0.5, 199.5),
        )
        for i, (name, at) in enumerate(zip("abc", edges, strict=True))
    ]
    overlaps = [
        Overlap(i, j, dx, 0.0, 50 - dx, 50.0, share=1 - dx / 50, ncc=0.9)
        for i, j, dx in ((0, 1, 10.0), (0, 2, 20.0), (1, 2, 10.0))
    ]
    scored = 0
    for each in scored_once(fields, overlaps)[0]:
        (mark,) = each.figures
        out = any(left <= mark.x < right for left, _, right, _ in each.repeats)
        scored += not out and bool(is_inside(np.array([(mark.x, mark.y)]), each.labelled)[0])
    assert scored == 1


def test_real_frames_have_52_figures(shared_data: Path) -> None:
    fields = read_dataset(shared_data / "brecahad").fields
    result, notes = joined(fields, overlaps_of(fields))
    assert sum(len(each.figures) for each in result) == 59
    assert "with 7 labelled mitotic figures, is scored in one of them only" in notes[-1]
    names = {each.image.stem: each for each in result}
    same = names["Case_10-07"], names["Case_10-08"]
    assert len(same[0].lookalikes) == len(same[1].lookalikes) > 0
    assert same[0].tissue == same[1].tissue != ""
