from dataclasses import dataclass

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mitokeras.errors import DataError
from mitokeras.run.data_config import DataConfig
from mitokeras.train.splits import SplitItem, fine_tuning_splits, parts, split_fields


def items_of(cases: dict[str, list[int]]) -> list[SplitItem]:
    return [SplitItem(case, n, None) for case, fields in cases.items() for n in fields]


@given(
    st.dictionaries(
        st.text(min_size=1, max_size=3),
        st.lists(st.integers(1, 3), min_size=1, max_size=4),
        min_size=3,
        max_size=12,
    ),
    st.integers(0, 5),
)
@settings(deadline=None)
def test_cases_stay_whole_and_each_split_has_a_figure(cases, seed) -> None:
    items = items_of(cases)
    splits, notes = split_fields(items, DataConfig(), seed)
    assert notes == []
    by_case: dict[str, set[str]] = {}
    for item, split in zip(items, splits, strict=True):
        by_case.setdefault(item.case, set()).add(split)
    assert all(len(found) == 1 for found in by_case.values())
    assert {"train", "validation", "test"} == set(splits)
    assert split_fields(items, DataConfig(), seed)[0] == splits


def test_rare_figures_are_shared_out() -> None:
    cases = {f"c{i}": [int(i in (2, 5, 7))] for i in range(10)}
    items = items_of(cases)
    for seed in range(5):
        splits, _ = split_fields(items, DataConfig(), seed)
        assert {s for s, i in zip(splits, items, strict=True) if i.figures} == {
            "train",
            "validation",
            "test",
        }


def test_two_cases_share_validation_and_say_so() -> None:
    items = items_of({"Case_10": [1, 0, 2], "Case_12": [5, 4, 3, 2, 1]})
    splits, notes = split_fields(items, DataConfig(), 0)
    # a fifth of the fields would be one, but a fifth of the 15 figures takes the last two
    assert splits == ["test"] * 3 + ["train"] * 3 + ["validation"] * 2
    assert "shares case Case_12" in notes[0]
    swapped, _ = split_fields(items, DataConfig(test_cases=("Case_12",)), 0)
    assert swapped == ["train", "train", "validation"] + ["test"] * 5


def test_named_cases_win_and_prescribed_splits_are_kept() -> None:
    items = [
        SplitItem("00", 2, "train"),
        SplitItem("00", 2, "test"),
        SplitItem("01", 2, "train"),
        SplitItem("01", 2, "test"),
        SplitItem("02", 2, "train"),
    ]
    splits, _ = split_fields(items, DataConfig(), 0)
    assert [splits[1], splits[3]] == ["test", "test"]
    assert sorted(splits[i] for i in (0, 2, 4)).count("validation") == 1
    splits, _ = split_fields(items, DataConfig(validation_cases=("02",)), 0)
    assert splits == ["train", "test", "train", "test", "validation"]


@pytest.mark.parametrize(
    ("cases", "message"),
    [
        ({"only": [1, 2]}, r"at least two cases.*1 case \(only\)"),
        ({"a": [1], "b": [1], "c": [0]}, "2 of 3 cases with one"),
        ({"a": [0], "b": [3]}, "1 such fields in case b"),
        ({"a": [0], "b": [3, 3]}, "the test fields must have a mitotic figure"),
    ],
)
def test_what_cannot_be_split(cases, message) -> None:
    with pytest.raises(DataError, match=message):
        split_fields(items_of(cases), DataConfig(), 0)


def test_named_case_must_be_there() -> None:
    with pytest.raises(DataError, match=r"one of a, b, c\. Received: d"):
        split_fields(items_of({"a": [1], "b": [1], "c": [1]}), DataConfig(test_cases=("d",)), 0)


@dataclass
class Owned:
    """What `parts` looks at in a field."""

    index: int
    source: str
    case: str
    figures: tuple[int, ...] = (1,)
    complete: bool = True
    tissue: str = ""


def test_a_part_leaves_something_to_learn_from() -> None:
    """One field alone, or the only one with a figure or with all of its labels, stays in."""
    assert parts([Owned(0, "a", "a0")], 2) == []
    without = [Owned(0, "a", "a0"), Owned(1, "a", "a1", figures=())]
    assert parts(without, 2) == [{1}]
    partly = [Owned(0, "a", "a0", complete=False), Owned(1, "a", "a1")]
    assert parts(partly, 2) == [{0}]


def test_parts_keep_cases_whole_where_there_are_enough() -> None:
    fields = [Owned(i, "a", f"a{i // 2}") for i in range(8)]
    fields += [Owned(8 + i, "b", "b0") for i in range(4)]
    first, second = parts(fields, 2)
    assert first | second == set(range(12))
    assert not first & second
    assert first == {0, 1, 4, 5, 8, 9}
    assert parts(fields, 0) == []


def shared(*figures_and_tissue: tuple[int, str]) -> list[str]:
    """Splits of the second case's fields, whose last ones would validate."""
    items = [
        SplitItem("10", 1, None),
        *(SplitItem("12", n, None, t) for n, t in figures_and_tissue),
    ]
    return split_fields(items, DataConfig(), 0)[0][1:]


def test_fields_of_the_same_tissue_are_on_one_side() -> None:
    assert shared((5, ""), (5, "t"), (2, ""), (3, "t")) == [
        "train",
        "validation",
        "train",
        "validation",
    ]
    # The last would leave training without a figure: what shares no tissue validates.
    # A fifth of the 12 figures takes the last two fields, of which the first one's is split.
    assert shared((0, ""), (8, "t"), (2, "t"), (2, "")) == ["train"] * 3 + ["validation"]


def test_a_side_without_figures_is_worse_than_shared_tissue() -> None:
    assert sorted(set(shared((5, "t"), (5, "t")))) == ["train", "validation"]


def test_a_fine_tuning_spares_no_field() -> None:
    items = [
        SplitItem("a", 2, None),
        SplitItem("a", 0, "train"),
        SplitItem("b", 1, "test"),
        SplitItem("c", 1, None),
    ]
    assert fine_tuning_splits(items, DataConfig()) == ["train", "train", "test", "train"]
    named = DataConfig(validation_cases=("a",), test_cases=("c",))
    assert fine_tuning_splits(items, named) == ["validation", "validation", "test", "test"]
    with pytest.raises(DataError, match="a case to hold out must be one of a, b, c"):
        fine_tuning_splits(items, DataConfig(test_cases=("d",)))


def test_of_a_case_that_the_start_knows_nothing_is_scored() -> None:
    items = [
        SplitItem("a", 2, "test", learned=True),
        SplitItem("b", 2, "test"),
    ]
    assert fine_tuning_splits(items, DataConfig()) == ["train", "test"]


def test_fields_of_one_tissue_stay_in_one_part_of_a_case() -> None:
    tissues = ("", "t", "", "t")
    fields = [Owned(n, "a", "a0", tissue=tissue) for n, tissue in enumerate(tissues)]
    # Three pieces, two parts: the first two pieces, which are fields 0, 1 and 3, and the third.
    assert parts(fields, 2) == [{0, 1, 3}, {2}]


def test_what_two_data_sets_share_stays_in_one_part() -> None:
    first = [Owned(0, "a", "a1", tissue="t"), Owned(1, "a", "a2")]
    second = [Owned(2, "b", "b1"), Owned(3, "b", "a1", tissue="t"), Owned(4, "b", "b3")]
    assert parts([*first, *second], 2) == [{0, 3, 4}, {1, 2}]
    # With too few cases the whole of the shared one follows, and its tissue where it was parted.
    alone = [Owned(2, "b", "a1"), Owned(3, "b", "a1", tissue="t")]
    assert parts([*first, *alone], 2) == [{0, 2, 3}, {1}]
    parted = [Owned(0, "a", "a1"), Owned(1, "a", "a1", tissue="t")]
    assert parts([*parted, Owned(2, "b", "a1", tissue="t"), Owned(3, "b", "b2")], 2) == [
        {0},
        {1, 2, 3},
    ]
