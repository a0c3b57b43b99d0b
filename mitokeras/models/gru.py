"""The gated recurrent unit that fuses two attentions, written out as arithmetic.

With input x and hidden state h (Cho et al. 2014, arXiv 1406.1078):

    z = sigmoid(Wz x + Uz h + bz)
    r = sigmoid(Wr x + Ur h + br)
    n = tanh(Wn x + Un (r * h) + bn)
    out = (1 - z) * h + z * n

The channel gate multiplies the channels by matrices, the spatial gate convolves one-channel maps
with 3x3 kernels; the paper leaves both open. A GRU layer would export as a loop over tensor
lists, which LiteRT refuses.
"""

from __future__ import annotations

import keras
from keras import ops

from mitokeras.models.packing import Packed, Shape, Tensor, packed_kernel, pixelwise


@keras.saving.register_keras_serializable("mitokeras")
class ChannelGru(keras.Layer):
    """The gate on channel attentions.

    A list [x, h] of shape (batch, rows, columns, channels) each to one such map, pixel by pixel.
    """

    def build(self, input_shape: list[Shape]) -> None:
        channels = input_shape[0][-1]
        self.kernel = self.add_weight((channels, 3 * channels), name="kernel")
        self.recurrent_kernel = self.add_weight((channels, 3 * channels), name="recurrent_kernel")
        self.bias = self.add_weight((3 * channels,), initializer="zeros", name="bias")

    def call(self, inputs: list[Tensor]) -> Tensor:
        x, h = inputs
        channels = x.shape[-1]
        from_x = pixelwise(x, self.kernel) + self.bias
        gates = pixelwise(h, self.recurrent_kernel[:, : 2 * channels])
        update = ops.sigmoid(from_x[..., :channels] + gates[..., :channels])
        reset = ops.sigmoid(from_x[..., channels : 2 * channels] + gates[..., channels:])
        remembered = pixelwise(reset * h, self.recurrent_kernel[:, 2 * channels :])
        candidate = ops.tanh(from_x[..., 2 * channels :] + remembered)
        return h + update * (candidate - h)

    def compute_output_shape(self, input_shape: list[Shape]) -> Shape:
        return input_shape[0]


@keras.saving.register_keras_serializable("mitokeras")
class SpatialGru(Packed):
    """The gate on spatial attentions.

    The two maps [x, h] packed in one tensor, (batch, height, width, 2 * k * k), to one packed
    map (batch, height, width, k * k). `kernel` (W) and `recurrent_kernel` (U) hold the plain
    3x3 kernels of update, reset and candidate, in this order on the last axis.
    """

    def build(self, input_shape: Shape) -> None:
        self.kernel = self.add_weight((3, 3, 1, 3), name="kernel")
        self.recurrent_kernel = self.add_weight((3, 3, 1, 3), name="recurrent_kernel")
        self.bias = self.add_weight((3,), initializer="zeros", name="bias")

    def call(self, inputs: Tensor) -> Tensor:
        block = self.packing**2
        h = inputs[..., block:]
        # One convolution to (update, reset, W part of the candidate): U's candidate is later.
        recurrent = ops.concatenate(
            [self.recurrent_kernel[..., :2], ops.zeros_like(self.recurrent_kernel[..., 2:])], -1
        )
        merged = ops.concatenate([self.kernel, recurrent], axis=2)  # (3, 3, 2, 3)
        x = ops.conv(inputs, packed_kernel(merged, self.packing), padding="same")
        x = x + ops.repeat(self.bias, block)
        update = ops.sigmoid(x[..., :block])
        reset = ops.sigmoid(x[..., block : 2 * block])
        candidate_kernel = packed_kernel(self.recurrent_kernel[..., 2:], self.packing)
        remembered = ops.conv(reset * h, candidate_kernel, padding="same")
        candidate = ops.tanh(x[..., 2 * block :] + remembered)
        return h + update * (candidate - h)

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        return (*input_shape[:-1], self.packing**2)
