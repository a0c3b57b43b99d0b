import numpy as np
import pytest

from mitokeras.score.comparison import mcnemar, paired_bootstrap
from mitokeras.score.rates import BOOTSTRAP_DRAWS

SMALLEST = 2 / (BOOTSTRAP_DRAWS + 1)


def test_equal_units_leave_no_doubt() -> None:
    a, b = np.array([[8, 2, 2]] * 5), np.array([[6, 4, 4]] * 5)  # F1 0.8 and 0.6
    better, worse = paired_bootstrap(a, b), paired_bootstrap(b, a)
    assert (better.difference, better.low, better.high) == pytest.approx((0.2, 0.2, 0.2))
    assert (worse.difference, worse.low, worse.high) == pytest.approx((-0.2, -0.2, -0.2))
    assert better.p_value == worse.p_value == pytest.approx(SMALLEST)


def test_same_draws_for_both() -> None:
    counts = np.array([[9, 1, 0], [2, 5, 7], [0, 3, 1], [4, 4, 4]])
    same = paired_bootstrap(counts, counts)
    assert (same.difference, same.low, same.high, same.p_value) == (0.0, 0.0, 0.0, 1.0)


def test_three_units_by_hand() -> None:
    a = np.array([[1, 0, 0]] * 3)
    b = np.array([[0, 0, 1], [1, 0, 0], [1, 0, 0]])
    result = paired_bootstrap(a, b)
    assert result.difference == pytest.approx(1 - 4 / 5)
    # of 27 draws 8 lack the unit that B misses, and 1 holds nothing else
    assert (result.low, result.high) == (0.0, 1.0)
    assert result.p_value == pytest.approx(2 * 8 / 27, abs=0.06)
    assert paired_bootstrap(a, b) == result
    assert paired_bootstrap(a, b, seed=1).p_value != result.p_value


def test_p_value_goes_with_the_interval() -> None:
    rng = np.random.default_rng(0)
    for _ in range(40):
        a, b = rng.integers(0, 6, (2, 8, 3))
        result = paired_bootstrap(a, b)
        if not 0.04 < result.p_value < 0.06:
            assert (result.p_value < 0.05) == (result.low > 0 or result.high < 0)


def test_draws_without_f1_are_left_out() -> None:
    nothing = paired_bootstrap(np.zeros((2, 3)), np.zeros((2, 3)))
    assert np.isnan([nothing.difference, nothing.low, nothing.high, nothing.p_value]).all()
    empty_second = paired_bootstrap(
        np.array([[1, 0, 0], [0, 0, 0]]), np.array([[1, 1, 1], [0] * 3])
    )
    assert (empty_second.low, empty_second.high) == (0.5, 0.5)


@pytest.mark.parametrize("units", [0, 2])
def test_units_must_be_the_same(units: int) -> None:
    with pytest.raises(ValueError, match=rf"same units\. Received: \({units}, 3\) and"):
        paired_bootstrap(np.zeros((units, 3)), np.zeros((0 if units == 0 else 3, 3)))
    with pytest.raises(ValueError, match="same"):
        mcnemar(np.ones(2, dtype=bool), np.ones(3, dtype=bool))


@pytest.mark.parametrize(
    ("only_a", "only_b", "p_value"),
    [
        (0, 0, 1.0),
        (5, 0, 2 / 2**5),
        (0, 5, 2 / 2**5),
        (3, 1, 2 * (1 + 4) / 2**4),
        (2, 2, 1.0),
    ],
)
def test_mcnemar_by_hand(only_a: int, only_b: int, p_value: float) -> None:
    both_right, both_wrong = 4, 7
    a = np.repeat([True, True, False, False], [both_right, only_a, only_b, both_wrong])
    b = np.repeat([True, False, True, False], [both_right, only_a, only_b, both_wrong])
    result = mcnemar(a, b)
    assert (result.only_a, result.only_b) == (only_a, only_b)
    assert result.p_value == pytest.approx(p_value)
