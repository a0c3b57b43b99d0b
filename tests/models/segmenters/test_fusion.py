from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import pytest

from mitokeras.models.segmenters.fusion import cbam, cbam_gru, csag


def parts(fusion: Callable[..., Any], packing: int = 4) -> tuple[keras.Model, Any, Any, Any]:
    """A model of one fusion with random biases, its inputs, and its inner maps by layer name."""
    rng = np.random.default_rng(0)
    e, d = rng.normal(size=(2, 2, 16, 16, 6)).astype("float32")
    encoder, decoder = keras.Input((16, 16, 6)), keras.Input((16, 16, 6))
    model = keras.Model([encoder, decoder], fusion(encoder, decoder, "f", packing))
    for weight in model.weights:
        weight.assign(rng.normal(size=weight.shape))
    inner = {layer.name: layer for layer in model.layers}
    return model, inner, e, d


def test_csag_is_the_papers_product(unpacked: Callable[..., np.ndarray]) -> None:
    model, inner, e, d = parts(csag)
    ce, cd = inner["f_encoder_channel_attention"](e), inner["f_decoder_channel_attention"](d)
    cf = inner["f_channel_gru"]([ce, cd]).numpy()
    maps = inner["f_spatial_attention"]([e, d])
    sf = unpacked(inner["f_spatial_gru"](maps).numpy(), 4)
    np.testing.assert_allclose(model([e, d]), (e + d) * cf * sf, rtol=1e-5, atol=1e-6)


def test_cbam_refines_the_skip_alone(unpacked: Callable[..., np.ndarray]) -> None:
    model, inner, e, d = parts(cbam)
    refined = e * inner["f_channel_attention"](e).numpy()
    attention = unpacked(inner["f_spatial_attention"]([refined]).numpy(), 4)
    np.testing.assert_allclose(model([e, d]), refined * attention + d, rtol=1e-5, atol=1e-6)


def test_cbam_gru_gates_the_skip_in_series(unpacked: Callable[..., np.ndarray]) -> None:
    model, inner, e, d = parts(cbam_gru)
    ce, cd = inner["f_encoder_channel_attention"](e), inner["f_decoder_channel_attention"](d)
    refined = e * inner["f_channel_gru"]([ce, cd]).numpy()
    maps = inner["f_spatial_attention"]([refined, d])
    sf = unpacked(inner["f_spatial_gru"](maps).numpy(), 4)
    np.testing.assert_allclose(model([e, d]), refined * sf + d, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("fusion", [cbam, cbam_gru, csag])
def test_packing_does_not_change_the_result(fusion: Callable[..., Any]) -> None:
    plain, _, e, d = parts(fusion, packing=1)
    packed, _, _, _ = parts(fusion, packing=4)
    by_path = {weight.path: weight for weight in plain.weights}
    for weight in packed.weights:
        weight.assign(by_path[weight.path])
    np.testing.assert_allclose(packed([e, d]), plain([e, d]), rtol=1e-5, atol=1e-5)
