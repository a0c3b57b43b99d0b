from pathlib import Path

import pytest

from mitokeras.data.case_splits import in_one_split, most_held_out, with_case_splits
from mitokeras.data.fields import Field, Split


def field(name: str, case: str, split: Split | None = None, tissue: str = "") -> Field:
    return Field(Path(f"{name}.png"), case, 0.25, split=split, tissue=tissue)


@pytest.mark.parametrize(
    ("splits", "split"),
    [
        (["train", "test", "validation"], "test"),
        (["train", None, "validation"], "validation"),
        ([None, "train"], "train"),
        ([None], None),
        ([], None),
    ],
)
def test_test_goes_before_validation_before_train(splits: list[Split | None], split: str) -> None:
    assert most_held_out(splits) == split


def test_a_case_is_in_the_split_that_some_of_it_states() -> None:
    fields = [
        field("a1", "A", "test"),
        field("a2", "A"),
        field("b1", "B"),
        field("b2", "B", "train"),
        field("c1", "C"),
        field("d1", "D", "train"),
        field("d2", "D", "validation"),
        field("d3", "D"),
    ]
    result, notes = with_case_splits(fields)
    assert [each.split for each in result] == [
        *("test", "test"),
        *("train", "train"),
        None,
        *("train", "validation", "validation"),
    ]
    assert notes == [
        "3 fields without a split take that of their case, such as a2.png (test)",
        "the data set has 1 of 3 cases in more than one split, which are then not independent: D",
    ]


def test_what_shows_the_same_tissue_is_in_one_split() -> None:
    fields = [
        field("a1", "A", "test", "t"),
        field("p7", "A", "train", "t"),  # a crop of it, of what was another case
        field("p8", "A", "train"),
        field("p9", "A"),
        field("b1", "B", "train", "u"),
        field("b2", "B", "validation", "u"),
        field("b3", "B", "train"),
        field("c1", "C", None, "v"),
    ]
    result, notes = in_one_split(fields, {"A"})
    assert [each.split for each in result] == [
        *("test", "test", "test", "test"),
        *("validation", "validation", "train"),
        None,
    ]
    assert notes == [
        "4 fields change their split for that of the same tissue, or of a case that shows it, "
        "test before validation before train: such as p7.png (train, now test)"
    ]
    alone, notes = in_one_split(fields[2:4], ())
    assert ([each.split for each in alone], notes) == (["train", None], [])
