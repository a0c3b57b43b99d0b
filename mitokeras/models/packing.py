"""Convolutions of one-channel maps, rearranged into few dense ones.

A convolution from one or two channels to one or two channels leaves most of a CPU's vector
unit idle, above all in int8. Space to depth, k x k pixels of a map taken as k x k channels,
turns it into a convolution of the same result with many channels. The functions here derive
the packed kernels from the plain ones by constant linear maps of zeros and ones: gradients
reach the plain kernels, and the packed ones are constants once a graph is frozen.

Packed channels are ordered (map, row in block, column in block).
"""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
from keras import ops

Tensor = Any
"""A tensor of the Keras backend in use, or a symbolic one."""

Shape = tuple[Any, ...]
"""Sizes of a tensor, None where unknown."""


def packing_kernel(kernel: Tensor, packing: int) -> Tensor:
    """Kernel that convolves a plain map and writes the result packed.

    Convolving with stride `packing` and "same" padding gives what the plain kernel gives with
    stride 1 and "same" padding, for maps whose sides are multiples of `packing`.

    Args:
        kernel: Plain kernel, shape (s, s, inputs, outputs), s odd.
        packing: Side of a block, k, pixels.

    Returns:
        Shape (k + s - 1, k + s - 1, inputs, outputs * k * k).
    """
    side, _, inputs, outputs = kernel.shape
    # taps[u, a, i] = 1 where pixel a of a block reads window row u through kernel row i
    rows, pixels, taps = np.indices((packing + side - 1, packing, side))
    reads = ops.cast(rows == pixels + taps, kernel.dtype)
    packed = ops.einsum("uai,vbj,ijco->uvcoab", reads, reads, kernel)
    return ops.reshape(packed, (*rows.shape[:1] * 2, inputs, outputs * packing**2))


def packed_kernel(kernel: Tensor, packing: int) -> Tensor:
    """Kernel that convolves a packed map and writes the result packed.

    Args:
        kernel: Plain kernel, shape (3, 3, inputs, outputs).
        packing: Side of a block, k, pixels.

    Returns:
        Shape (3, 3, inputs * k * k, outputs * k * k), for stride 1 and "same" padding.
    """
    _, _, inputs, outputs = kernel.shape
    # reads[u, p, a, i] = 1 where pixel a reads pixel p of block u - 1 through kernel row i
    blocks, sources, pixels, taps = np.indices((3, packing, packing, 3))
    reads = ops.cast((blocks - 1) * packing + sources == pixels + taps - 1, kernel.dtype)
    packed = ops.einsum("upai,vqbj,ijco->uvcpqoab", reads, reads, kernel)
    return ops.reshape(packed, (3, 3, inputs * packing**2, outputs * packing**2))


def pixelwise(x: Tensor, matrix: Tensor) -> Tensor:
    """A 1x1 convolution: the channels of each pixel by a matrix (inputs, outputs)."""
    return ops.conv(x, matrix[None, None])


def packing_of(side_px: int) -> int:
    """The packing of a map of that side; 4 was fastest at widths 16, 24 and 64."""
    return 4 if side_px % 4 == 0 else 2


class Packed(keras.Layer):
    """A layer that reads or writes packed maps.

    Args:
        packing: Side of a block, k, pixels; a divisor of height and width.
    """

    def __init__(self, packing: int = 1, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.packing = packing

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "packing": self.packing}


@keras.saving.register_keras_serializable("mitokeras")
class Unpack(Packed):
    """Depth to space of one packed map.

    Maps (batch, height, width, k * k) to (batch, height * k, width * k, 1). The shapes are
    constants of the graph but for the batch, where layers of Keras would compute them: LiteRT's
    XNNPACK delegate stops at a computed shape.
    """

    def call(self, inputs: Tensor) -> Tensor:
        _, height, width, _ = inputs.shape
        k = self.packing
        x = ops.reshape(inputs, (-1, height, width, k, k))
        x = ops.transpose(x, (0, 1, 3, 2, 4))
        return ops.reshape(x, (-1, height * k, width * k, 1))

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        batch, height, width, _ = input_shape
        return (batch, height * self.packing, width * self.packing, 1)
