import numpy as np

from mitokeras.score.rates import bootstrap_interval, rates


def test_rates_by_hand() -> None:
    np.testing.assert_allclose(rates(np.array([1, 2, 1])), [1 / 3, 1 / 2, 2 / 5])
    assert np.isnan(rates(np.array([0, 0, 0]))).all()
    np.testing.assert_array_equal(rates(np.array([0, 3, 0])), [0, np.nan, 0])


def test_interval_draws_cases() -> None:
    equal = np.array([[8, 2, 2]] * 5)
    np.testing.assert_allclose(bootstrap_interval(equal), [[0.8, 0.8]] * 3)
    unequal = np.array([[10, 0, 0], [10, 0, 0], [0, 10, 10]])
    low, high = bootstrap_interval(unequal)[2]
    assert low == 0.0  # the bad case three times
    assert high == 1.0
    assert np.isnan(bootstrap_interval(np.zeros((2, 3)))).all()
    np.testing.assert_array_equal(bootstrap_interval(unequal), bootstrap_interval(unequal))
