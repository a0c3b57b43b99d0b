import keras
import numpy as np

from mitokeras.models.baselines.unet import BASELINE, up_conv
from tests.baseline_networks import network


def test_parameters_are_the_published_ones_but_for_input_and_last_layers() -> None:
    colour = 2 * 9 * 64  # theirs is for gray images
    last = (9 * 64 * 2 + 2) + (2 + 1)  # 3x3 to two channels, 1x1 to one
    head = 64 + 1
    assert BASELINE.parameters == BASELINE.published_parameters + colour - last + head


def test_up_convolution_makes_a_block_of_each_pixel() -> None:
    x = keras.Input((2, 2, 1))
    model = keras.Model(x, up_conv(x, 1, "up"))
    kernel = np.array([[1, 2], [3, 4]]).reshape(2, 2, 1, 1)
    model.get_layer("up_conv").set_weights([kernel, np.zeros(1)])
    image = np.array([[1, 0], [10, 100]], dtype="float32").reshape(1, 2, 2, 1)
    expected = [[1, 2, 0, 0], [3, 4, 0, 0], [10, 20, 100, 200], [30, 40, 300, 400]]
    np.testing.assert_array_equal(model(image)[0, ..., 0], expected)


def test_levels_and_skips() -> None:
    model = network(BASELINE, 64, 8)
    for level, (side, channels) in enumerate([(64, 8), (32, 16), (16, 32), (8, 64)], start=1):
        skip, up = model.get_layer(f"decoder_{level}_concat").input
        assert skip is model.get_layer(f"encoder_{level}_block_b_conv").output
        assert skip.shape == up.shape == (None, side, side, channels)
    assert model.get_layer("encoder_5_block_b_conv").output.shape == (None, 4, 4, 128)


def test_the_bottom_drops_out_in_training_alone() -> None:
    model = network(BASELINE, 32, 2)
    image = np.random.default_rng(0).uniform(0, 255, (1, 32, 32, 3))
    bottom = keras.Model(model.input, model.get_layer("bottom_dropout").output)
    before = keras.Model(model.input, model.get_layer("encoder_5_block_b_conv").output)(image)
    np.testing.assert_array_equal(bottom(image, training=False), before)
    kept = bottom(image, training=True).numpy()
    assert np.any(kept != before)
    np.testing.assert_allclose(kept[kept > 0], 2 * before.numpy()[kept > 0], rtol=1e-6)
