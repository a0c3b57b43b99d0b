"""U-Net (Ronneberger et al. 2015, arXiv 1505.04597), and the parts that its descendants share.

Level 1 is the one at full resolution, level 5 the bottom; each level has twice the channels of
the one above and half its side.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from keras import layers

from mitokeras.models.baselines.baseline import Baseline
from mitokeras.models.blocks import conv_bn_relu
from mitokeras.models.packing import Tensor

LEVELS = 5

Block = Callable[[Tensor, int, str], Tensor]
"""A function of (map, filters, name)."""

Skip = Callable[[Tensor, Tensor, str], Tensor]
"""What becomes of an encoder map: a function of (encoder map, decoder map, name)."""


def conv_relu(x: Tensor, filters: int, name: str) -> Tensor:
    """3x3 convolution with bias, ReLU."""
    return layers.Conv2D(
        filters,
        3,
        padding="same",
        activation="relu",
        kernel_initializer="he_normal",
        name=f"{name}_conv",
    )(x)


def conv_level(x: Tensor, filters: int, name: str) -> Tensor:
    """The two convolutions of one level of U-Net, without normalisation as in the paper."""
    x = conv_relu(x, filters, f"{name}_block_a")
    return conv_relu(x, filters, f"{name}_block_b")


def conv_bn_level(x: Tensor, filters: int, name: str) -> Tensor:
    """The same two convolutions with BN, as the descendants that normalise have them."""
    x = conv_bn_relu(x, filters, 3, f"{name}_block_a")
    return conv_bn_relu(x, filters, 3, f"{name}_block_b")


def up_conv(x: Tensor, filters: int, name: str) -> Tensor:
    """Up-convolution by 2: each pixel becomes 2 x 2."""
    return layers.Conv2DTranspose(
        filters, 2, strides=2, kernel_initializer="he_normal", name=f"{name}_conv"
    )(x)


def encoder(image: Tensor, width: int, level: Block) -> list[Tensor]:
    """The contracting path, 2 x 2 max-pooling between its levels.

    Args:
        image: RGB 0..255, (batch, side, side, 3), the side a multiple of 16.
        width: Channels of level 1.
        level: One level.

    Returns:
        The map of each level, of level 1 first.
    """
    x = layers.Rescaling(1 / 255, name="rescale")(image)
    maps: list[Tensor] = []
    for number in range(1, LEVELS + 1):
        if maps:
            x = layers.MaxPooling2D(2, name=f"encoder_{number}_pool")(x)
        x = level(x, width * 2 ** (number - 1), f"encoder_{number}")
        maps.append(x)
    return maps


def decoder(maps: Sequence[Tensor], up: Block, level: Block, skip: Skip) -> Tensor:
    """The expanding path: each level concatenates the skip and the map that comes up.

    Args:
        maps: From `encoder`.
        up: Enlarges by 2 and sets the channels.
        level: One level.
        skip: Applied to each encoder map before it is concatenated.

    Returns:
        The map of level 1.
    """
    *skips, x = maps
    for number in range(LEVELS - 1, 0, -1):
        filters = skips[number - 1].shape[-1]
        x = up(x, filters, f"decoder_{number}_up")
        kept = skip(skips[number - 1], x, f"decoder_{number}_skip")
        x = layers.Concatenate(name=f"decoder_{number}_concat")([kept, x])
        x = level(x, filters, f"decoder_{number}")
    return x


def plain_skip(encoded: Tensor, decoded: Tensor, name: str) -> Tensor:
    """The encoder map as it is."""
    return encoded


def unet(image: Tensor, width: int, skip: Skip) -> Tensor:
    """U-Net with something on its skips; half of the bottom map drops out while training."""
    maps = encoder(image, width, conv_level)
    maps[-1] = layers.Dropout(0.5, name="bottom_dropout")(maps[-1])
    return decoder(maps, up_conv, conv_level, skip)


def _body(image: Tensor, width: int) -> Tensor:
    return unet(image, width, plain_skip)


BASELINE = Baseline(
    description=(
        "U-Net (Ronneberger et al. 2015, arXiv 1505.04597): no normalisation, 2x2 "
        "up-convolutions, drop-out at the bottom, as in the paper; convolutions are padded, so "
        "that the output has the size of the input. The paper states no parameters: published "
        "are those of the common Keras implementation (zhixuhao/unet), which reads gray images "
        "and has one more convolution, to two channels, before its last"
    ),
    parameters=31_031_745,
    macs=192_669_548_544,
    published_parameters=31_031_685,
    body=_body,
)
