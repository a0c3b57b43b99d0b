from collections.abc import Callable

import numpy as np
import pytest

from mitokeras.models.gru import ChannelGru, SpatialGru


def sigmoid(x: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-x))


def gru(
    x: np.ndarray,
    h: np.ndarray,
    multiply: Callable[..., np.ndarray],
    w: list[np.ndarray],
    u: list[np.ndarray],
    b: list[np.ndarray],
) -> np.ndarray:
    """The gate as its equations stand; w, u, b are (update, reset, candidate)."""
    z = sigmoid(multiply(x, w[0]) + multiply(h, u[0]) + b[0])
    r = sigmoid(multiply(x, w[1]) + multiply(h, u[1]) + b[1])
    n = np.tanh(multiply(x, w[2]) + multiply(r * h, u[2]) + b[2])
    return (1 - z) * h + z * n


def test_channel_gru() -> None:
    rng = np.random.default_rng(0)
    x, h = rng.normal(size=(2, 3, 4, 2, 5)).astype("float32")
    layer = ChannelGru()
    layer.build([x.shape, h.shape])
    layer.bias.assign(rng.normal(size=15))
    w, u, b = (np.split(weight.numpy(), 3, axis=-1) for weight in layer.weights)
    expected = gru(x, h, np.matmul, w, u, b)
    np.testing.assert_allclose(layer([x, h]), expected, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("packing", [1, 2, 4, 8])
def test_spatial_gru_equals_plain_convolutions(
    packing: int, conv_same: Callable[..., np.ndarray], unpacked: Callable[..., np.ndarray]
) -> None:
    rng = np.random.default_rng(packing)
    k = packing
    packed = rng.normal(size=(2, 16 // k, 24 // k, 2 * k * k)).astype("float32")
    layer = SpatialGru(packing)
    layer.build(packed.shape)
    layer.bias.assign(rng.normal(size=3))
    w, u, b = (np.split(weight.numpy(), 3, axis=-1) for weight in layer.weights)
    x, h = np.split(unpacked(packed, packing), 2, axis=-1)
    expected = gru(x, h, conv_same, w, u, b)
    outputs = layer(packed).numpy()
    assert layer.compute_output_shape(packed.shape) == outputs.shape
    np.testing.assert_allclose(unpacked(outputs, packing), expected, rtol=1e-5, atol=1e-5)


def test_gru_with_a_closed_update_gate_keeps_the_state() -> None:
    layer = ChannelGru()
    layer.build([(1, 1, 1, 2), (1, 1, 1, 2)])
    layer.bias.assign([-40, -40, 0, 0, 0, 0])
    h = np.array([[[[0.25, 0.75]]]], dtype="float32")
    np.testing.assert_allclose(layer([np.ones_like(h), h]), h)
