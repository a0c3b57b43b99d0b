"""What a training set holds out for the threshold."""

from types import SimpleNamespace
from typing import Any

import numpy as np

from mitokeras.reproduce.atypical.validation import validation_cases


def fields(cases: int, normal: int, atypical: int) -> list[Any]:
    """A field for each case."""
    subtypes = np.array(["normal"] * normal + ["atypical"] * atypical + [""])
    return [SimpleNamespace(case=f"case_{i}", subtypes=subtypes) for i in range(cases)]


def test_a_fifth_of_the_figures_in_whole_cases() -> None:
    assert len(validation_cases(fields(20, 50, 5), seed=0)) == 4


def test_few_figures_hold_out_more_than_a_fifth() -> None:
    assert len(validation_cases(fields(10, 40, 3), seed=0)) == 4  # 12 atypical ones


def test_every_seed_draws_its_own() -> None:
    drawn = [validation_cases(fields(20, 50, 5), seed) for seed in range(3)]
    assert drawn[0] == validation_cases(fields(20, 50, 5), 0)
    assert len({*drawn}) == 3


def test_nothing_is_held_out_where_too_little_would_be_left() -> None:
    assert not validation_cases(fields(2, 15, 9), seed=0)
    assert not validation_cases(fields(1, 50, 50), seed=0)
