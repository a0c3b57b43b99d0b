"""SegNet (Badrinarayanan et al. 2015, arXiv 1511.00561)."""

from __future__ import annotations

import keras
from keras import layers, ops

from mitokeras.models.baselines.baseline import Baseline
from mitokeras.models.blocks import conv_bn_relu
from mitokeras.models.packing import Shape, Tensor

CONVOLUTIONS = (2, 2, 3, 3, 3)
"""Convolutions of each level, as in VGG16."""

MULTIPLES = (1, 2, 4, 8, 8)
"""Channels of each level over the width."""


@keras.saving.register_keras_serializable("mitokeras")
class Unpooling(keras.Layer):
    """Puts each value where 2 x 2 max-pooling found its maximum, and zero beside it.

    Maps a list of what goes up, (batch, height / 2, width / 2, channels), and the map that was
    pooled, (batch, height, width, channels), to the latter's shape. Of equal maxima the first
    wins, row by row, as with the indices that Caffe and torch keep. Indices themselves have no
    operator that both TFLite and ONNX know, so the pooled map's halves are compared instead:
    the rows of each block first, then the pixels of each row.
    """

    def call(self, inputs: list[Tensor]) -> Tensor:
        x, pooled = inputs
        _, height, width, channels = pooled.shape
        # (batch, height / 2, 2 width, channels): the two rows of a block side by side
        rows = ops.reshape(pooled, (-1, height // 2, 2 * width, channels))
        top, bottom = ops.split(rows, 2, axis=2)
        top_left, top_right = self._pixels(top)
        bottom_left, bottom_right = self._pixels(bottom)
        is_top = ops.maximum(top_left, top_right) >= ops.maximum(bottom_left, bottom_right)
        x_top, x_bottom = self._routed(x, is_top)
        x_top = self._row(x_top, top_left >= top_right, pooled.shape)
        x_bottom = self._row(x_bottom, bottom_left >= bottom_right, pooled.shape)
        rows = ops.concatenate([x_top, x_bottom], axis=2)
        return ops.reshape(rows, (-1, height, width, channels))

    @staticmethod
    def _pixels(row: Tensor) -> list[Tensor]:
        """Left and right pixels of the blocks' rows, (batch, height / 2, width / 2, channels)."""
        _, height, width, channels = row.shape
        pairs = ops.reshape(row, (-1, height, width // 2, 2 * channels))
        return ops.split(pairs, 2, axis=-1)

    @staticmethod
    def _routed(x: Tensor, is_first: Tensor) -> tuple[Tensor, Tensor]:
        return ops.where(is_first, x, 0.0), ops.where(is_first, 0.0, x)

    def _row(self, x: Tensor, is_left: Tensor, shape: Shape) -> Tensor:
        """The inverse of `_pixels`: (batch, height / 2, width, channels)."""
        pairs = ops.concatenate(self._routed(x, is_left), axis=-1)
        return ops.reshape(pairs, (-1, shape[1] // 2, *shape[2:]))

    def compute_output_shape(self, input_shape: list[Shape]) -> Shape:
        return input_shape[1]


def _body(image: Tensor, width: int) -> Tensor:
    x = layers.Rescaling(1 / 255, name="rescale")(image)
    maps = []
    for level, (count, multiple) in enumerate(zip(CONVOLUTIONS, MULTIPLES, strict=True), start=1):
        for number in range(1, count + 1):
            x = conv_bn_relu(x, width * multiple, 3, f"encoder_{level}_{number}")
        maps.append(x)
        x = layers.MaxPooling2D(2, name=f"encoder_{level}_pool")(x)
    for level in range(len(maps), 0, -1):
        x = Unpooling(name=f"decoder_{level}_unpool")([x, maps[level - 1]])
        for number in range(CONVOLUTIONS[level - 1], 0, -1):
            # the last convolution of a level sets the channels of the level above
            multiple = MULTIPLES[max(level - 2, 0) if number == 1 else level - 1]
            x = conv_bn_relu(x, width * multiple, 3, f"decoder_{level}_{number}")
    return x


BASELINE = Baseline(
    description=(
        "SegNet (Badrinarayanan et al. 2015, arXiv 1511.00561): the 13 convolutions of VGG16 and "
        "13 of the decoder, then the classifier, as the text has it; random start, where the "
        "paper's encoder starts from ImageNet. Published are the parameters of the authors' "
        "network for CamVid (alexgkendall/SegNet-Tutorial), whose last convolution gives the 11 "
        "classes itself"
    ),
    parameters=29_488_129,
    macs=169_584_099_328,
    published_parameters=29_449_355,
    body=_body,
    multiple_px=32,
)
