from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from mitokeras.errors import DataError
from mitokeras.reproduce.experiments import SHARES
from mitokeras.reproduce.shares import check_cases, with_share
from mitokeras.train.prepare import RunData


def run_data(figures: dict[str, int], splits: dict[str, str]) -> RunData:
    """Two fields a case, the first with the case's mitotic figures."""
    fields: list[Any] = []
    for case, count in figures.items():
        for own in (count, 0):
            fields.append(
                SimpleNamespace(
                    index=len(fields), case=case, complete=True, figures=np.zeros((own, 2))
                )
            )
    store: Any = SimpleNamespace(fields=fields)
    return RunData(store, tuple(splits[field.case] for field in fields), ())  # type: ignore[misc]


EIGHT = {f"case {number}": number for number in range(1, 9)}
SPLIT = {**dict.fromkeys(EIGHT, "train"), "case 7": "validation", "case 8": "test"}


def cases(data: RunData, split: Any) -> set[str]:
    return {field.case for field in data.of(split)}


def test_shares_are_nested_by_case_and_leave_the_other_splits_whole() -> None:
    data = run_data(EIGHT, SPLIT)
    for seed in range(20):
        quarter, half, whole = (with_share(data, share, seed) for share in SHARES)
        assert len(cases(quarter, "train")) == 2  # 25 % of six, rounded up
        assert len(cases(half, "train")) == 3
        assert cases(quarter, "train") < cases(half, "train") < cases(whole, "train")
        assert whole.left_out == frozenset()
        assert len(quarter.of("train")) == 4  # both fields of each case
        for split in ("validation", "test"):
            assert cases(quarter, split) == cases(data, split)


def test_the_smallest_share_has_mitotic_figures() -> None:
    figures = {f"case {number}": int(number == 3) for number in range(1, 5)}
    data = run_data(figures, dict.fromkeys(figures, "train"))
    for seed in range(20):
        assert "case 3" in cases(with_share(data, 0.25, seed), "train")


def test_a_curve_needs_a_case_for_its_smallest_share() -> None:
    four = {f"case {number}": 1 for number in range(4)}
    check_cases(run_data(four, dict.fromkeys(four, "train")))
    three = dict.fromkeys(list(four)[:3], 1)
    with pytest.raises(DataError, match=r"at least 4 training cases. Received: 3"):
        check_cases(run_data(three, dict.fromkeys(three, "train")))
