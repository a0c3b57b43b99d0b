"""LinkNet (Chaurasia and Culurciello 2017, arXiv 1707.03718) on ResNet34: skips are added."""

from __future__ import annotations

from keras import layers

from mitokeras.models.baselines.baseline import Baseline
from mitokeras.models.blocks import norm, relu
from mitokeras.models.packing import Tensor
from mitokeras.models.resnet import normalised, resnet_stages

RESNET34 = (3, 4, 6, 3)


def body(image: Tensor, width: int) -> Tensor:
    """As `LinkNet34` of D-LinkNet has it, biases before batch normalisations included."""
    *skips, x = resnet_stages(normalised(image), RESNET34, width)
    for level in range(4, 1, -1):
        skip = skips[level - 2]
        x = decoder_block(x, skip.shape[-1], f"decoder_{level}")
        x = layers.Add(name=f"decoder_{level}_add")([x, skip])
    x = decoder_block(x, width, "decoder_1")
    filters = max(1, width // 2)
    x = relu(full_conv(x, filters, "final_1"), "final_1")
    return relu(_conv(x, filters, 3, "final_2"), "final_2")


def decoder_block(x: Tensor, filters: int, name: str) -> Tensor:
    """1x1 convolution to a quarter of the channels, `full_conv`, 1x1 convolution to `filters`.

    Batch normalisation and ReLU after each. Doubles the sides.
    """
    quarter = max(1, x.shape[-1] // 4)
    x = _norm_relu(_conv(x, quarter, 1, f"{name}_reduce"), f"{name}_reduce")
    x = _norm_relu(full_conv(x, quarter, f"{name}_full"), f"{name}_full")
    return _norm_relu(_conv(x, filters, 1, f"{name}_expand"), f"{name}_expand")


def full_conv(x: Tensor, filters: int, name: str) -> Tensor:
    """Transposed 3x3 convolution that doubles the sides, with bias.

    Pixel i is spread over 2i - 1 to 2i + 1, the reverse of the encoder's strided convolutions;
    "same" padding would spread it over 2i to 2i + 2, and so shift the map at every level.
    """
    x = layers.Conv2DTranspose(
        filters, 3, strides=2, kernel_initializer="he_normal", name=f"{name}_conv"
    )(x)
    return layers.Cropping2D(((1, 0), (1, 0)), name=f"{name}_crop")(x)


def _conv(x: Tensor, filters: int, side: int, name: str) -> Tensor:
    return layers.Conv2D(
        filters, side, padding="same", kernel_initializer="he_normal", name=f"{name}_conv"
    )(x)


def _norm_relu(x: Tensor, name: str) -> Tensor:
    return relu(norm(x, name), name)


BASELINE = Baseline(
    "LinkNet (Chaurasia and Culurciello 2017, arXiv 1707.03718) with the encoder ResNet34 "
    "instead of ResNet18, as `LinkNet34` of D-LinkNet (Zhou et al. 2018, "
    "github.com/zlckanata/DeepGlobe-Road-Extraction-Challenge); the last 2x2 convolution, 129 "
    "weights, is our 1x1 head of 33. Published count: table 1 of "
    "github.com/beargolden/DP-LinkNet",
    parameters=21_661_313,
    macs=23_156_752_384,
    published_parameters=21_642_401,
    body=body,
    multiple_px=32,
)
