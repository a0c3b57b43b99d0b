from collections.abc import Callable

import keras
import numpy as np

from mitokeras.models.baselines import unet
from mitokeras.models.baselines.cbam_unet import BASELINE, cbam_skip
from tests.baseline_networks import network

CHANNELS = (64, 128, 256, 512)


def test_parameters_are_those_of_unet_and_of_four_modules() -> None:
    def mlp(channels: int, hidden: int) -> int:
        return 2 * channels * hidden + hidden + channels

    spatial = 7 * 7 * 2
    theirs = sum(mlp(c, c // 16) + spatial + 2 for c in CHANNELS)  # + a normalisation
    ours = sum(mlp(c, max(c // 16, 16)) + spatial + 1 for c in CHANNELS)  # + a bias
    assert BASELINE.published_parameters == unet.BASELINE.parameters + theirs
    assert BASELINE.parameters == unet.BASELINE.parameters + ours


def test_skip_is_refined_by_channel_then_by_pixel(unpacked: Callable[..., np.ndarray]) -> None:
    x = keras.Input((8, 8, 6))
    model = keras.Model(x, cbam_skip(x, None, "s"))
    rng = np.random.default_rng(0)
    for weight in model.weights:
        weight.assign(rng.normal(size=weight.shape))
    e = rng.normal(size=(2, 8, 8, 6)).astype("float32")
    refined = e * model.get_layer("s_channel_attention")(e).numpy()
    attention = model.get_layer("s_spatial_attention")([refined]).numpy()
    np.testing.assert_allclose(model(e), refined * unpacked(attention, 4), rtol=1e-5, atol=1e-6)


def test_every_skip_is_refined() -> None:
    model = network(BASELINE, 32, 4)
    for level in range(1, 5):
        skip, _ = model.get_layer(f"decoder_{level}_concat").input
        assert skip is model.get_layer(f"decoder_{level}_skip_spatial_product").output
        encoded = model.get_layer(f"encoder_{level}_block_b_conv").output
        assert model.get_layer(f"decoder_{level}_skip_channel_attention").input is encoded
