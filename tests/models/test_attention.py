from collections.abc import Callable

import numpy as np
import pytest

from mitokeras.models.attention import ChannelAttention, SpatialAttention


def sigmoid(x: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-x))


def test_channel_attention_is_the_shared_mlp_of_average_and_maximum() -> None:
    layer = ChannelAttention()
    x = np.random.default_rng(0).normal(size=(2, 4, 6, 3)).astype("float32")
    layer.build(x.shape)
    w1, b1, w2, b2 = (weight.numpy() for weight in layer.weights)

    def mlp(v: np.ndarray) -> np.ndarray:
        return np.maximum(v @ w1 + b1, 0) @ w2 + b2

    expected = sigmoid(mlp(x.mean(axis=(1, 2))) + mlp(x.max(axis=(1, 2))))
    np.testing.assert_allclose(layer(x)[:, 0, 0], expected, rtol=1e-5)


@pytest.mark.parametrize(("channels", "hidden"), [(8, 16), (256, 16), (512, 32)])
def test_channel_attention_keeps_sixteen_hidden_units(channels: int, hidden: int) -> None:
    layer = ChannelAttention()
    layer.build((None, 4, 4, channels))
    assert layer.hidden_kernel.shape == (channels, hidden)


def test_channel_attention_in_half_precision_holds_a_large_map() -> None:
    # 512 * 512 * 8 is far above 65504, the largest half
    x = np.full((1, 512, 512, 1), 8.0, dtype="float16")
    half = ChannelAttention(dtype="mixed_float16")
    half.build(x.shape)
    full = ChannelAttention()
    full.build(x.shape)
    full.set_weights(half.get_weights())
    np.testing.assert_allclose(half(x), full(x.astype("float32")), atol=2e-3)


@pytest.mark.parametrize("packing", [1, 2, 4, 8])
@pytest.mark.parametrize("maps", [1, 2])
def test_spatial_attention_equals_plain_convolutions(
    packing: int,
    maps: int,
    conv_same: Callable[..., np.ndarray],
    unpacked: Callable[..., np.ndarray],
) -> None:
    rng = np.random.default_rng(packing)
    xs = [rng.normal(size=(2, 16, 24, 5)).astype("float32") for _ in range(maps)]
    layer = SpatialAttention(packing)
    layer.build([x.shape for x in xs])
    layer.bias.assign(rng.normal(size=maps))
    attentions = []
    for m, x in enumerate(xs):
        summary = np.concatenate(
            [x.mean(axis=-1, keepdims=True), x.max(axis=-1, keepdims=True)], axis=-1
        )
        plain = conv_same(summary, layer.kernel.numpy()[:, :, :, m : m + 1])
        attentions.append(sigmoid(plain + layer.bias.numpy()[m]))
    expected = np.concatenate(attentions, axis=-1)
    outputs = layer(xs).numpy()
    assert layer.compute_output_shape([x.shape for x in xs]) == outputs.shape
    np.testing.assert_allclose(unpacked(outputs, packing), expected, rtol=1e-5, atol=1e-6)
