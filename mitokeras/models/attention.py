"""Channel and spatial attention of CBAM (Woo et al. 2018, arXiv 1807.06521)."""

from __future__ import annotations

from typing import Any

import keras
from keras import layers, ops

from mitokeras.models.packing import Packed, Shape, Tensor, Unpack, packing_kernel, pixelwise
from mitokeras.models.windows import WHOLE, Window, Windowed, window_max, window_mean


@keras.saving.register_keras_serializable("mitokeras")
class ChannelAttention(Windowed):
    """sigmoid(MLP(average over a window) + MLP(maximum over it)), the MLP shared.

    Maps (batch, height, width, channels) to (batch, rows, columns, channels) in (0, 1), a row and
    a column for each window of `mitokeras.models.windows`. A map of one window gives
    (batch, 1, 1, channels), the channel attention of the paper.

    Args:
        reduction: Channels over the hidden units of the MLP. At least 16 units are kept: fewer
            may all be dead, and a vector of zeros has no int8 scale (XNNPACK refuses the file).
        window_px: Side of a window, pixels of the map, a multiple of `cell_px`; None for the whole
            map.
        cell_px: Side of a cell, pixels of the map; a divisor of height and width.
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
        _, height, width, _ = inputs.shape
        axes = self.axes(height, width)
        average = window_mean(ops.cast(inputs, "float32"), *axes)
        average = ops.cast(average, inputs.dtype)
        maximum = window_max(inputs, *axes)
        return ops.sigmoid(self._mlp(average) + self._mlp(maximum))

    def _mlp(self, x: Tensor) -> Tensor:
        hidden = ops.relu(pixelwise(x, self.hidden_kernel) + self.hidden_bias)
        return pixelwise(hidden, self.kernel) + self.bias

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        batch, height, width, channels = input_shape
        down, across = self.axes(height, width)
        return (batch, down.count, across.count, channels)

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


def channel_attention(x: Tensor, name: str, window: Window) -> Tensor:
    """Channel attention of the windows of a map."""
    return ChannelAttention(window_px=window.side_px, cell_px=window.cell_px, name=name)(x)


def cbam_refined(x: Tensor, name: str, packing: int, window: Window = WHOLE) -> Tensor:
    """X' x S(X') with X' = X x C(X): channel attention first, spatial attention on its result."""
    channel = channel_attention(x, f"{name}_channel_attention", window)
    channel = window.spread(channel, x, f"{name}_channel_map")
    refined = layers.Multiply(name=f"{name}_channel_product")([x, channel])
    spatial = SpatialAttention(packing, name=f"{name}_spatial_attention")([refined])
    spatial = Unpack(packing, name=f"{name}_spatial_map")(spatial)
    return layers.Multiply(name=f"{name}_spatial_product")([refined, spatial])
