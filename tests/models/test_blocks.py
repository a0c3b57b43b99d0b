from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import pytest
from keras import layers

from mitokeras.models.blocks import dscrb_a, dscrb_b, subsampled, up_project


def model_of(
    block: Callable[..., Any], channels: int, *arguments: Any
) -> tuple[keras.Model, np.ndarray]:
    """A block with random weights, positive where they must be, and an input for it."""
    x = keras.Input((16, 16, channels))
    model = keras.Model(x, block(x, *arguments))
    rng = np.random.default_rng(0)
    for weight in model.weights:
        weight.assign(rng.uniform(0.5, 1.5, size=weight.shape) - (len(weight.shape) > 1))
    return model, rng.normal(size=(2, 16, 16, channels)).astype("float32")


@pytest.mark.parametrize("channels", [8, 16])
def test_subsampling_before_a_narrow_strided_convolution_changes_nothing(channels: int) -> None:
    x = keras.Input((16, 16, channels))
    source, strides = subsampled(x, "shortcut")
    assert (source is x) == (channels >= 16)
    conv = layers.Conv2D(4, 1, strides=strides, use_bias=False)
    model = keras.Model(x, conv(source))
    values = np.random.default_rng(0).normal(size=(1, 16, 16, channels)).astype("float32")
    expected = values[:, ::2, ::2] @ conv.kernel.numpy()[0, 0]
    np.testing.assert_allclose(model(values), expected, rtol=1e-4, atol=1e-5)


def test_up_project_equals_up_sampling_first() -> None:
    model, x = model_of(up_project, 6, 4, "up")
    conv, bn = model.get_layer("up_project_conv"), model.get_layer("up_project_bn")
    up = layers.UpSampling2D(interpolation="bilinear")
    for training in (False, True):
        moving = bn.get_weights()
        expected = keras.ops.relu(bn(conv(up(x)), training=training))
        bn.set_weights(moving)
        np.testing.assert_allclose(model(x, training=training), expected, rtol=1e-4, atol=1e-4)


def test_dscrb_a_adds_a_strided_shortcut() -> None:
    model, x = model_of(dscrb_a, 16, 24, "a")
    main = model.get_layer("a_dsc_bn").output
    shortcut = model.get_layer("a_shortcut_bn").output
    main, shortcut = keras.Model(model.input, [main, shortcut])(x)
    assert main.shape == (2, 8, 8, 24)
    np.testing.assert_allclose(model(x), np.maximum(main + shortcut, 0), rtol=1e-5)


def test_dscrb_b_adds_its_input() -> None:
    model, x = model_of(dscrb_b, 8, 8, "b")
    main = keras.Model(model.input, model.get_layer("b_dsc_2_bn").output)(x)
    np.testing.assert_allclose(model(x), np.maximum(main + x, 0), rtol=1e-5, atol=1e-6)
