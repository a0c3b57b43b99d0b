"""UNet 3+ (Huang et al. 2020, arXiv 2004.08790)."""

from __future__ import annotations

from keras import layers

from mitokeras.models.baselines.baseline import Baseline
from mitokeras.models.baselines.unet import LEVELS, conv_bn_level, encoder
from mitokeras.models.blocks import conv_bn_relu
from mitokeras.models.packing import Tensor


def _resized(x: Tensor, level: int, target: int, name: str) -> Tensor:
    """A map of one level at the size of the level `target`."""
    if level < target:
        return layers.MaxPooling2D(2 ** (target - level), name=f"{name}_pool")(x)
    if level > target:
        factor = 2 ** (level - target)
        return layers.UpSampling2D(factor, interpolation="bilinear", name=f"{name}_up")(x)
    return x


def _body(image: Tensor, width: int) -> Tensor:
    """The full-scale skips of eq. (1).

    Each decoder level reads all five levels: the encoder's down to its own, the decoder's below.
    """
    maps = encoder(image, width, conv_bn_level)
    for target in range(LEVELS - 1, 0, -1):
        scales = []
        for level, x in enumerate(maps, start=1):
            name = f"decoder_{target}_from_{level}"
            scales.append(conv_bn_relu(_resized(x, level, target, name), width, 3, name))
        x = layers.Concatenate(name=f"decoder_{target}_concat")(scales)
        # the decoder levels still to come read no encoder map of this level
        maps[target - 1] = conv_bn_relu(x, LEVELS * width, 3, f"decoder_{target}")
    return maps[0]


BASELINE = Baseline(
    description=(
        "UNet 3+ (Huang et al. 2020, arXiv 2004.08790) without deep supervision and without the "
        "classification branch. Published are the paper's 26.97 M, as the authors' code has "
        "them, with biases before the normalisations and a 3x3 head"
    ),
    parameters=26_975_745,
    macs=789_938_438_144,
    published_parameters=26_971_777,
    body=_body,
)
