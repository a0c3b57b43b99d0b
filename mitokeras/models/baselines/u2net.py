"""U²-Net (Qin et al. 2020, arXiv 2005.09007), the published member of its family Uⁿ-Net."""

from __future__ import annotations

from keras import layers

from mitokeras.models.baselines.baseline import Baseline
from mitokeras.models.blocks import norm, relu
from mitokeras.models.packing import Tensor

# Height of the block, channels inside and out as shares of `width`; table 1's row "U²-Net".
ENCODER = ((7, 1 / 2, 1), (6, 1 / 2, 2), (5, 1, 4), (4, 2, 8), (4, 4, 8), (4, 4, 8))
DECODER = ((7, 1 / 4, 1), (6, 1 / 2, 1), (5, 1, 2), (4, 2, 4), (4, 4, 8))
FLAT_FROM = 5
"""From this level on the maps are too small to be halved further: blocks dilate instead."""


def _conv(x: Tensor, filters: int, name: str, dilation: int = 1) -> Tensor:
    x = layers.Conv2D(
        filters,
        3,
        padding="same",
        dilation_rate=dilation,
        use_bias=False,
        kernel_initializer="he_normal",
        name=f"{name}_conv",
    )(x)
    return relu(norm(x, name), name)


def _up(x: Tensor, factor: int, name: str) -> Tensor:
    return layers.UpSampling2D(factor, interpolation="bilinear", name=f"{name}_up")(x)


def _block(x: Tensor, height: int, inside: int, filters: int, flat: bool, name: str) -> Tensor:
    """A residual U-block (RSU) of section 3.1, a U-Net whose sum with its first map is given.

    Args:
        x: Any map.
        height: Levels of the U, with the dilated one at its bottom.
        inside: Channels of its inner maps.
        filters: Channels of its first and last map.
        flat: Whether it dilates its convolutions in place of pooling (RSU-4F).
        name: Prefix of the layers.
    """
    first = _conv(x, filters, f"{name}_first")
    maps: list[Tensor] = []
    x = first
    for level in range(1, height):
        if level > 1 and not flat:
            x = layers.MaxPooling2D(2, name=f"{name}_down_{level}_pool")(x)
        x = _conv(x, inside, f"{name}_down_{level}", 2 ** (level - 1) if flat else 1)
        maps.append(x)
    x = _conv(x, inside, f"{name}_bottom", 2 ** (height - 1) if flat else 2)
    for level in range(height - 1, 0, -1):
        if level < height - 1 and not flat:
            x = _up(x, 2, f"{name}_up_{level}")
        x = layers.Concatenate(name=f"{name}_up_{level}_concat")([x, maps[level - 1]])
        channels = filters if level == 1 else inside
        x = _conv(x, channels, f"{name}_up_{level}", 2 ** (level - 1) if flat else 1)
    return layers.Add(name=f"{name}_add")([x, first])


def _stage(x: Tensor, level: int, sizes: tuple[int, float, float], width: int, name: str) -> Tensor:
    height, inside, filters = sizes
    flat = level >= FLAT_FROM
    return _block(x, height, max(1, int(width * inside)), int(width * filters), flat, name)


def _body(image: Tensor, width: int) -> Tensor:
    """Six levels; a one-channel map of each decoder level and of the bottom, brought to full size.

    The head's 1x1 convolution fuses the six, as section 3.2 has it.
    """
    maps = []
    x = image
    for level, sizes in enumerate(ENCODER, start=1):
        if level > 1:
            x = layers.MaxPooling2D(2, name=f"encoder_{level}_pool")(x)
        x = _stage(x, level, sizes, width, f"encoder_{level}")
        maps.append(x)
    decoded = [x]
    for level in range(len(DECODER), 0, -1):
        name = f"decoder_{level}"
        x = layers.Concatenate(name=f"{name}_concat")([_up(x, 2, name), maps[level - 1]])
        x = _stage(x, level, DECODER[level - 1], width, name)
        decoded.insert(0, x)
    sides = []
    for level, x in enumerate(decoded, start=1):
        side = layers.Conv2D(1, 3, padding="same", name=f"side_{level}_conv")(x)
        sides.append(side if level == 1 else _up(side, 2 ** (level - 1), f"side_{level}"))
    return layers.Concatenate(name="sides_concat")(sides)


BASELINE = Baseline(
    description=(
        "U²-Net (Qin et al. 2020, arXiv 2005.09007), fused output alone: no deep supervision. "
        "Published is what the authors' code counts, which has biases before the normalisations"
    ),
    parameters=44_024_269,
    macs=150_011_510_784,
    published_parameters=44_009_869,
    body=_body,
    multiple_px=32,
)
