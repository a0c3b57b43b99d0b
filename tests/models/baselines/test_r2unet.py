import keras
import numpy as np
from keras import layers

from mitokeras.models.baselines.r2unet import BASELINE, recurrent, recurrent_residual
from tests.baseline_networks import network, trainable_parameters


def test_parameters_are_those_of_the_common_implementation() -> None:
    model = network(BASELINE, 32, BASELINE.width)
    assert trainable_parameters(model) == BASELINE.published_parameters


def test_multiply_accumulates_by_hand() -> None:
    def unit(inputs: int, filters: int) -> int:
        return inputs * filters + 2 * 3 * 9 * filters**2  # two convolutions of three steps

    total, channels = 0, 3
    for level in range(5):
        total += (512 >> level) ** 2 * unit(channels, 64 << level)
        channels = 64 << level
    for level in range(3, -1, -1):
        filters = 64 << level
        total += (512 >> level) ** 2 * (9 * channels * filters + unit(2 * filters, filters))
        channels = filters
    assert total + 512**2 * 64 == BASELINE.macs


def identity_recurrent() -> keras.Model:
    """One channel, whose f(x) is half of x where it is positive."""
    image = keras.Input((3, 3, 1))
    model = keras.Model(image, recurrent(image, 1, "r"))
    kernel = np.zeros((3, 3, 1, 1))
    kernel[1, 1] = 0.5
    model.get_layer("r_conv").set_weights([kernel, np.zeros(1)])
    epsilon = model.get_layer("r_bn").epsilon
    model.get_layer("r_bn").set_weights(np.array([[1.0], [0.0], [0.0], [1.0 - epsilon]]))
    return model


def test_a_recurrent_convolution_by_hand() -> None:
    model = identity_recurrent()
    image = np.full((1, 3, 3, 1), 8.0)
    image[0, 0, 0] = -8.0
    expected = np.full((1, 3, 3, 1), 7.0)  # 8 / 2 = 4, (8 + 4) / 2 = 6, (8 + 6) / 2 = 7
    expected[0, 0, 0] = 0.0
    np.testing.assert_allclose(model(image), expected, rtol=1e-6)
    assert sum(isinstance(layer, layers.Conv2D) for layer in model.layers) == 1


def test_every_step_feeds_the_shared_statistics() -> None:
    model = identity_recurrent()
    model(np.full((2, 3, 3, 1), 2.0), training=True)
    # a constant map is normalised to zero, so that each of the three steps sees 2 / 2
    mean = model.get_layer("r_bn").moving_mean
    np.testing.assert_allclose(mean, [1 - 0.9**3], rtol=1e-6)


def test_a_unit_adds_its_projected_input() -> None:
    image = keras.Input((4, 4, 3))
    model = keras.Model(image, recurrent_residual(image, 5, "unit"))
    for name in ("unit_recurrent_1_conv", "unit_recurrent_2_conv"):
        model.get_layer(name).set_weights([np.zeros((3, 3, 5, 5)), np.zeros(5)])
    x = np.random.default_rng(0).normal(size=(1, 4, 4, 3)).astype("float32")
    kernel = model.get_layer("unit_project_conv").kernel.numpy()[0, 0]
    np.testing.assert_allclose(model(x), x @ kernel, rtol=1e-4, atol=1e-6)
