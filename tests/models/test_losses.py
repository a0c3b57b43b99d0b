import keras
import numpy as np
import pytest

from mitokeras.data.fields import OUTSIDE, UNLABELLED
from mitokeras.models.losses import CrossentropyTversky


def test_hand_derived_value_on_one_patch() -> None:
    truth = np.array([[1.0, 1.0, 0.0], [0.0, 0.0, 0.0]], "float32")[None, ..., None]
    guess = np.array([[0.8, 0.5, 0.5], [0.2, 0.2, 0.2]], "float32")[None, ..., None]
    # TP = 0.8 + 0.5; FP = 0.5 + 3 x 0.2; FN = 0.2 + 0.5
    tversky = 1 - 1.3 / (1.3 + 0.3 * 1.1 + 0.7 * 0.7)
    # two pixels at 0.5 and four at 0.8 of the right side
    bce = (2 * np.log(2) - 4 * np.log(0.8)) / 6
    expected = 0.3 * bce + 0.7 * tversky
    assert float(CrossentropyTversky()(truth, guess)) == pytest.approx(expected, rel=1e-5)


def test_missed_pixels_cost_more_than_false_ones() -> None:
    overlap = CrossentropyTversky(crossentropy_weight=0.0)
    truth = np.array([1.0, 1.0, 0.0, 0.0], "float32")
    missed = np.array([1.0, 0.0, 0.0, 0.0], "float32")
    false = np.array([1.0, 1.0, 1.0, 0.0], "float32")
    assert float(overlap(truth, missed)) == pytest.approx(1 - 1 / 1.7, rel=1e-5)
    assert float(overlap(truth, false)) == pytest.approx(1 - 2 / 2.3, rel=1e-5)


def test_overlap_is_of_the_batch_not_of_each_patch() -> None:
    overlap = CrossentropyTversky(crossentropy_weight=0.0)
    truth = np.stack([np.ones((2, 2, 1)), np.zeros((2, 2, 1))]).astype("float32")
    guess = np.full_like(truth, 0.5)
    # over the batch TP = 2, FP = 2, FN = 2; a mean of patches would take the empty one as 1
    assert float(overlap(truth, guess)) == pytest.approx(1 - 2 / (2 + 0.6 + 1.4), rel=1e-5)


def test_perfect_guess_costs_nothing_and_config_round_trips() -> None:
    loss = CrossentropyTversky(0.2, 0.4, 0.6)
    truth = np.array([[1.0, 0.0]], "float32")
    assert float(loss(truth, truth)) == pytest.approx(0, abs=1e-5)
    copy = keras.losses.deserialize(keras.losses.serialize(loss))
    guess = np.array([[0.3, 0.6]], "float32")
    assert float(copy(truth, guess)) == pytest.approx(float(loss(truth, guess)))


def test_unlabelled_pixels_count_less_and_those_outside_nothing() -> None:
    loss = CrossentropyTversky(unlabelled_weight=0.5)
    mask = np.array([1, 0, UNLABELLED, OUTSIDE], "uint8")[None, None, :, None]
    guess = np.array([0.8, 0.2, 0.4, 0.9], "float32")[None, None, :, None]
    bce = -(np.log(0.8) + np.log(0.8) + 0.5 * np.log(0.6)) / 2.5
    # TP = 0.8; FP = 0.2 + 0.5 x 0.4; FN = 0.2
    tversky = 1 - 0.8 / (0.8 + 0.3 * 0.4 + 0.7 * 0.2)
    assert float(loss(mask, guess)) == pytest.approx(0.3 * bce + 0.7 * tversky, rel=1e-5)
    ignoring = CrossentropyTversky()
    other = guess + np.array([0, 0, 0.5, 0.05], "float32")[None, None, :, None]
    assert float(ignoring(mask, guess)) == pytest.approx(float(ignoring(mask, other)))
