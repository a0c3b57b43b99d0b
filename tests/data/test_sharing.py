from pathlib import Path

import pytest

from mitokeras.data.fields import Field, Mark
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


def test_real_frames_have_52_figures(shared_data: Path) -> None:
    fields = read_dataset(shared_data / "brecahad").fields
    result, notes = joined(fields, overlaps_of(fields))
    assert sum(len(each.figures) for each in result) == 59
    assert "with 7 labelled mitotic figures, is scored in one of them only" in notes[-1]
    names = {each.image.stem: each for each in result}
    same = names["Case_10-07"], names["Case_10-08"]
    assert len(same[0].lookalikes) == len(same[1].lookalikes) > 0
    assert same[0].tissue == same[1].tissue != ""
