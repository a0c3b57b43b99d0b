import numpy as np
import pytest
import tensorflow as tf
from keras import layers

from mitokeras.models.baselines.segnet import BASELINE, Unpooling
from tests.baseline_networks import network, trainable_parameters

DECODED = (512, 512, 512, 512, 512, 256, 256, 256, 128, 128, 64, 64)
"""Channels that the decoder's convolutions write, the last one apart."""

ENCODED = (64, 64, 128, 128, 256, 256, 256, 512, 512, 512, 512, 512, 512)


def test_parameters_are_the_published_ones_but_for_biases_and_last_layers() -> None:
    model = network(BASELINE, 32, BASELINE.width)
    biases = sum(ENCODED) + sum(DECODED)
    theirs = 9 * 64 * 11 + 11
    last, head = 9 * 64 * 64 + 2 * 64, 64 + 1
    published = BASELINE.published_parameters
    assert trainable_parameters(model) == published - biases - theirs + last + head
    statistics = 2 * (biases + 64)
    assert BASELINE.parameters == trainable_parameters(model) + statistics


def test_unpooling_by_hand() -> None:
    pooled = np.array(
        [
            [1, 2, 0, 0],
            [3, 4, 0, 0],  # right: all equal
            [5, 5, 1, 7],
            [5, 1, 7, 2],  # left: three equal; right: the upper of two
        ],
        dtype="float32",
    ).reshape(1, 4, 4, 1)
    x = np.array([[10, -20], [30, 40]], dtype="float32").reshape(1, 2, 2, 1)
    expected = [[0, 0, -20, 0], [0, 10, 0, 0], [30, 0, 0, 40], [0, 0, 0, 0]]
    np.testing.assert_array_equal(Unpooling()([x, pooled])[0, ..., 0], expected)


@pytest.mark.parametrize("ties", [True, False])
def test_values_go_where_the_first_maximum_was(ties: bool) -> None:
    rng = np.random.default_rng(0)
    shape = (2, 6, 8, 5)
    pooled = rng.integers(0, 3, shape) if ties else rng.permutation(np.prod(shape)).reshape(shape)
    x = rng.normal(size=(2, 3, 4, 5)).astype("float32")
    expected = np.zeros(shape, dtype="float32")
    for b, i, j, c in np.ndindex(x.shape):
        block = pooled[b, 2 * i : 2 * i + 2, 2 * j : 2 * j + 2, c]
        row, column = divmod(int(np.argmax(block)), 2)  # the first maximum, row by row
        expected[b, 2 * i + row, 2 * j + column, c] = x[b, i, j, c]
    layer = Unpooling()
    inputs = [x, pooled.astype("float32")]
    np.testing.assert_array_equal(layer(inputs), expected)
    assert layer.compute_output_shape([x.shape, shape]) == shape


def test_unpooling_what_was_pooled_keeps_the_maxima() -> None:
    values = np.random.default_rng(0).uniform(1, 2, (2, 8, 6, 3)).astype("float32")
    maxima = layers.MaxPooling2D(2)(values)
    kept = Unpooling()([maxima, values]).numpy()
    np.testing.assert_array_equal(kept[kept > 0], values[kept > 0])
    np.testing.assert_array_equal(layers.MaxPooling2D(2)(kept), maxima)
    assert np.count_nonzero(kept) == kept.size / 4


def test_gradient_comes_back_from_the_place_of_the_maximum_alone() -> None:
    rng = np.random.default_rng(0)
    pooled = tf.constant(rng.normal(size=(1, 4, 4, 2)).astype("float32"))
    x = tf.constant(rng.normal(size=(1, 2, 2, 2)).astype("float32"))
    weights = rng.uniform(1, 2, (1, 4, 4, 2)).astype("float32")
    layer = Unpooling()
    with tf.GradientTape() as tape:
        tape.watch([x, pooled])
        loss = tf.reduce_sum(layer([x, pooled]) * weights)
    of_x, of_pooled = tape.gradient(loss, [x, pooled])
    places = layer([tf.ones_like(x), pooled]).numpy()
    np.testing.assert_array_equal(of_x, layers.MaxPooling2D(2)(places * weights))
    assert of_pooled is None or not np.any(of_pooled)


def test_each_decoder_level_unpools_by_the_map_of_its_encoder_level() -> None:
    model = network(BASELINE, 64, 4)
    for level, last in enumerate((2, 2, 3, 3, 3), start=1):
        x, pooled = model.get_layer(f"decoder_{level}_unpool").input
        assert pooled is model.get_layer(f"encoder_{level}_{last}_relu").output
        assert model.get_layer(f"encoder_{level}_pool").input is pooled
        before = f"decoder_{level + 1}_1_relu" if level < 5 else "encoder_5_pool"
        assert x is model.get_layer(before).output
