"""Channel and spatial attention of CBAM (Woo et al. 2018, arXiv 1807.06521)."""

from __future__ import annotations

from typing import Any

import keras
from keras import layers, ops

from mitokeras.models.packing import Packed, Shape, Tensor, Unpack, packing_kernel


@keras.saving.register_keras_serializable("mitokeras")
class ChannelAttention(keras.Layer):
    """sigmoid(MLP(average over the map) + MLP(maximum over the map)), the MLP shared.

    Maps (batch, height, width, channels) to (batch, channels) in (0, 1).

    Args:
        reduction: Channels over the hidden units of the MLP. At least 16 units are kept: fewer
            may all be dead, and a vector of zeros has no int8 scale (XNNPACK refuses the file).
    """

    def __init__(self, reduction: int = 16, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.reduction = reduction

    def build(self, input_shape: Shape) -> None:
        channels = input_shape[-1]
        hidden = max(channels // self.reduction, 16)
        self.hidden_kernel = self.add_weight(
            (channels, hidden), initializer="he_normal", name="hidden_kernel"
        )
        self.hidden_bias = self.add_weight((hidden,), initializer="zeros", name="hidden_bias")
        self.kernel = self.add_weight((hidden, channels), name="kernel")
        self.bias = self.add_weight((channels,), initializer="zeros", name="bias")

    def call(self, inputs: Tensor) -> Tensor:
        # float32: half precision cannot hold the sum of a large map
        average = ops.mean(ops.cast(inputs, "float32"), axis=(1, 2))  # (batch, channels)
        average = ops.cast(average, inputs.dtype)
        maximum = ops.max(inputs, axis=(1, 2))
        return ops.sigmoid(self._mlp(average) + self._mlp(maximum))

    def _mlp(self, x: Tensor) -> Tensor:
        hidden = ops.relu(ops.matmul(x, self.hidden_kernel) + self.hidden_bias)
        return ops.matmul(hidden, self.kernel) + self.bias

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        return (input_shape[0], input_shape[-1])

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "reduction": self.reduction}


@keras.saving.register_keras_serializable("mitokeras")
class SpatialAttention(Packed):
    """sigmoid(7x7 convolution of [mean over channels, maximum over channels]), map by map.

    A list of n maps (batch, height, width, channels) to (batch, height / k, width / k,
    n * k * k) in (0, 1), packed as `mitokeras.models.packing` says. The n convolutions are
    run as one with a block kernel; `kernel` holds the plain ones, the last axis being the map.
    """

    SIDE = 7

    def build(self, input_shape: list[Shape]) -> None:
        maps = len(input_shape)
        self.kernel = self.add_weight((self.SIDE, self.SIDE, 2, maps), name="kernel")
        self.bias = self.add_weight((maps,), initializer="zeros", name="bias")

    def call(self, inputs: list[Tensor]) -> Tensor:
        reductions = (ops.mean, ops.max)
        summary = ops.concatenate(
            [reduce(x, axis=-1, keepdims=True) for x in inputs for reduce in reductions], axis=-1
        )  # (batch, height, width, 2 n)
        maps = len(inputs)
        own = ops.eye(maps, dtype=self.kernel.dtype)
        block = ops.einsum("ijcm,mo->ijmco", self.kernel, own)  # map m writes output m only
        block = ops.reshape(block, (self.SIDE, self.SIDE, 2 * maps, maps))
        kernel = packing_kernel(block, self.packing)
        x = ops.conv(summary, kernel, strides=self.packing, padding="same")
        return ops.sigmoid(x + ops.repeat(self.bias, self.packing**2))

    def compute_output_shape(self, input_shape: list[Shape]) -> Shape:
        batch, height, width, _ = input_shape[0]
        return (
            batch,
            height // self.packing,
            width // self.packing,
            len(input_shape) * self.packing**2,
        )


def cbam_refined(x: Tensor, name: str, packing: int) -> Tensor:
    """X' x S(X') with X' = X x C(X): channel attention first, spatial attention on its result."""
    channel = ChannelAttention(name=f"{name}_channel_attention")(x)
    channel = layers.Reshape((1, 1, -1), name=f"{name}_channel_map")(channel)
    refined = layers.Multiply(name=f"{name}_channel_product")([x, channel])
    spatial = SpatialAttention(packing, name=f"{name}_spatial_attention")([refined])
    spatial = Unpack(packing, name=f"{name}_spatial_map")(spatial)
    return layers.Multiply(name=f"{name}_spatial_product")([refined, spatial])
