import keras
import numpy as np
import pytest

from mitokeras.models.baselines.linknet34 import BASELINE, decoder_block, full_conv
from tests.baseline_networks import network, trainable_parameters


def test_parameters_are_the_published_ones_but_for_the_head() -> None:
    model = network(BASELINE, 32, BASELINE.width)
    theirs, ours = 2 * 2 * 32 + 1, 32 + 1
    assert trainable_parameters(model) == BASELINE.published_parameters - theirs + ours


@pytest.mark.parametrize(("pixel", "rows"), [(0, slice(0, 2)), (1, slice(1, 4)), (2, slice(3, 6))])
def test_a_full_convolution_spreads_a_pixel_about_twice_its_place(pixel: int, rows: slice) -> None:
    image = keras.Input((3, 3, 1))
    model = keras.Model(image, full_conv(image, 1, "up"))
    model.get_layer("up_conv").set_weights([np.ones((3, 3, 1, 1)), np.zeros(1)])
    impulse = np.zeros((1, 3, 3, 1))
    impulse[0, pixel, 1] = 1.0
    expected = np.zeros((6, 6))
    expected[rows, 1:4] = 1.0
    np.testing.assert_array_equal(model(impulse)[0, ..., 0], expected)


def test_a_decoder_block_has_the_weights_of_the_paper() -> None:
    x = keras.Input((4, 4, 64))
    block = keras.Model(x, decoder_block(x, 32, "block"))
    assert block.output_shape == (None, 8, 8, 32)
    convolutions = (64 * 16 + 16) + (9 * 16 * 16 + 16) + (16 * 32 + 32)
    assert trainable_parameters(block) == convolutions + 2 * (16 + 16 + 32)


def test_skips_are_added() -> None:
    model = network(BASELINE, 64, 8)
    for level, stage_end in ((2, "layer1_2"), (3, "layer2_3"), (4, "layer3_5")):
        added = model.get_layer(f"decoder_{level}_add").input
        skip = model.get_layer(f"{stage_end}_relu2").output
        assert any(tensor is skip for tensor in added)
    for weight in model.get_layer("decoder_4_expand_bn").trainable_weights:
        weight.assign(np.zeros(weight.shape))  # the decoder adds nothing at this level
    maps = keras.Model(
        model.input,
        [model.get_layer("decoder_4_add").output, model.get_layer("layer3_5_relu2").output],
    )
    image = np.random.default_rng(0).uniform(0, 255, (1, 64, 64, 3))
    summed, skip = maps(image)
    np.testing.assert_array_equal(summed, skip)
