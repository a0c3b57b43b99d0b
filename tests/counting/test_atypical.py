"""Counts of atypical figures."""

import pytest

from mitokeras.counting.atypical import Subtyping, atypical_share

MEASURED = Subtyping(threshold=0.5, chosen="by hand", sensitivity=0.7, specificity=0.9)


def test_the_interval_is_that_of_wilson() -> None:
    found = atypical_share(2, 10, MEASURED).called
    assert found is not None
    # (p + z2/2n -+ z sqrt(p q/n + z2/4n2)) / (1 + z2/n) with z = 1.96.
    assert (found.share, found.low, found.high) == pytest.approx((0.2, 0.0567, 0.5098), abs=1e-3)


def test_measured_errors_are_taken_out_of_the_share() -> None:
    # 100 figures, 25 of them atypical: 17.5 are called so, and 7.5 of the normal ones.
    found = atypical_share(25, 100, MEASURED).corrected
    assert found is not None
    assert found.share == pytest.approx((0.25 - 0.1) / 0.6, abs=1e-4)
    assert found.low < 0.25 < found.high


def test_as_many_as_normal_figures_give_are_a_share_of_none() -> None:
    found = atypical_share(10, 100, MEASURED).corrected
    assert found is not None
    assert (found.share, found.low) == (0, 0)


@pytest.mark.parametrize(("figures", "of"), [(3, 100), (85, 100)])
def test_what_no_share_gives_is_not_corrected(figures: int, of: int) -> None:
    # Wilson: 1.0 to 8.5 % and 76.7 to 90.7 %, where shares of 0 and 1 give 10 and 70 %.
    found = atypical_share(figures, of, MEASURED)
    assert found.called is not None
    assert found.corrected is None


@pytest.mark.parametrize(
    "changes", [{"sensitivity": None}, {"specificity": None}, {"specificity": 0.3}]
)
def test_errors_that_are_not_known_or_tell_nothing_correct_nothing(
    changes: dict[str, float | None],
) -> None:
    found = atypical_share(1, 4, MEASURED.changed(**changes))
    assert found.corrected is None
    assert found.called is not None


def test_without_figures_there_is_no_share() -> None:
    found = atypical_share(0, 0, MEASURED)
    assert (found.called, found.corrected) == (None, None)
