"""The classifiers of stage 2: mitotic figure or look-alike, one crop at a time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import keras
from keras import layers

from mitokeras.errors import ModelError
from mitokeras.models.applications import application_backbone
from mitokeras.models.checks import (
    check_dropout,
    check_input_px,
    check_shapes,
    check_width,
    imported,
)
from mitokeras.models.crops import crop_input
from mitokeras.models.efficientnet_lite import lite_maps, load_imagenet
from mitokeras.models.presets import Preset, resolved_preset
from mitokeras.models.resnet import basic_resnet, normalised
from mitokeras.models.torchvision import RESNET18, RESNET34, imagenet_file
from mitokeras.models.weights import load_classifier_weights, load_torch

IMAGENET = "imagenet"


@dataclass(frozen=True)
class ResNetPreset(Preset):
    """A ResNet of basic blocks, with torchvision's structure and names.

    Attributes:
        blocks: Basic blocks of each of the four stages.
        width: Channels of the first stage; each further stage doubles them.
        dropout: Rate before the head.
        imagenet: Name of torchvision's file of its ImageNet weights; None where there is none.
    """

    blocks: tuple[int, ...]
    width: int = 64
    dropout: float = 0.2
    imagenet: str | None = None

    def __post_init__(self) -> None:
        check_width(self.width)
        check_dropout(self.dropout)

    def backbone(self, crop_px: int, input_px: int, weights: str | None) -> keras.Model:
        if weights == IMAGENET and self.imagenet is None:
            raise ModelError(
                f"there are no ImageNet weights of a ResNet of width {self.width}: give 'none' or "
                f"a file. Received: weights={weights!r}"
            )
        image, enlarged = crop_input(crop_px, input_px)
        model = keras.Model(image, basic_resnet(normalised(enlarged), self.blocks, self.width))
        if weights == IMAGENET and self.imagenet is not None:
            load_torch(model, imagenet_file(self.imagenet))
        return model


@dataclass(frozen=True)
class ApplicationPreset(Preset):
    """A network of keras.applications.

    Attributes:
        application: Name in keras.applications.
        dropout: Rate before the head.
    """

    application: str
    dropout: float = 0.2

    def __post_init__(self) -> None:
        check_dropout(self.dropout)

    def backbone(self, crop_px: int, input_px: int, weights: str | None) -> keras.Model:
        return application_backbone(self.application, crop_px, input_px, weights)


@dataclass(frozen=True)
class LitePreset(Preset):
    """EfficientNet-Lite0 up to a stride.

    Attributes:
        stride: 8, 16 or 32.
        dropout: Rate before the head.
    """

    stride: int
    dropout: float = 0.2

    def __post_init__(self) -> None:
        check_dropout(self.dropout)

    def backbone(self, crop_px: int, input_px: int, weights: str | None) -> keras.Model:
        image, enlarged = crop_input(crop_px, input_px)
        model = keras.Model(image, lite_maps(enlarged, self.stride)[self.stride])
        if weights == IMAGENET:
            load_imagenet(model)
        return model


CLASSIFIERS: Mapping[str, ResNetPreset | ApplicationPreset | LitePreset] = {
    "resnet18": ResNetPreset(
        "ResNet18 (He et al. 2016, arXiv 1512.03385)",
        11_186_625,
        592_183_808,
        (2, 2, 2, 2),
        imagenet=RESNET18,
    ),
    "resnet34": ResNetPreset(
        "ResNet34, the paper's choice",
        21_302_209,
        1_196_163_584,
        (3, 4, 6, 3),
        imagenet=RESNET34,
    ),
    "resnet50": ApplicationPreset(
        "ResNet50 of keras.applications", 23_589_761, 1_259_079_680, "ResNet50"
    ),
    "mobilenetv3_large": ApplicationPreset(
        "MobileNetV3-Large of keras.applications (Howard et al. 2019, arXiv 1905.02244)",
        2_997_313,
        70_920_000,
        "MobileNetV3Large",
    ),
    "densenet201": ApplicationPreset(
        "DenseNet201 of keras.applications (Huang et al. 2017, arXiv 1608.06993)",
        18_323_905,
        1_400_637_312,
        "DenseNet201",
    ),
    "edge": ResNetPreset(
        "ResNet18 at width 24, for a CPU beside the scanner",
        1_579_945,
        92_307_648,
        (2, 2, 2, 2),
        width=24,
    ),
    "lite0": LitePreset(
        "EfficientNet-Lite0 (Tan and Le 2019, arXiv 1905.11946) cut at stride 16, for a CPU",
        717_041,
        79_434_864,
        stride=16,
    ),
}


def build_classifier(
    name: str = "resnet34",
    *,
    input_px: int = 128,
    crop_px: int | None = None,
    weights: str | Path | None = None,
    **overrides: Any,
) -> keras.Model:
    """Build a classifier.

    Args:
        name: One of `CLASSIFIERS`, or "module:function" of a function from `input_px` to a model
            of crops of that size, which is imported.
        input_px: Side of the square that the network sees, pixels, a multiple of 8, at least 32.
        crop_px: Side of the square crop that comes in, which the graph enlarges to `input_px`
            (bilinear); None for crops of `input_px`. The weights do not depend on it.
        weights: Where to start from. None is a random start. "imagenet" downloads what
            keras.applications or, for ResNet18 and ResNet34, torchvision hosts. A path names a
            .keras or .weights.h5 file of the same classifier, or, for the ResNets of basic blocks,
            a .safetensors or .pth file with torchvision's or timm's names, whose last layer is
            ignored.
        **overrides: Fields of the preset to change, such as `width`.

    Returns:
        A functional model from `image`, RGB 0..255, (batch, crop_px, crop_px, 3), to
        `probability` of a mitotic figure, float32, (batch, 1).

    Raises:
        ConfigError: The name, an override or the size is not allowed.
        ModelError: The weights cannot be had or do not fit.

    Example:
        >>> build_classifier("edge", input_px=128, crop_px=64).input_shape
        (None, 64, 64, 3)
    """
    if ":" in name:
        return _own(name, input_px, crop_px or input_px)
    preset = resolved_preset("classifier", CLASSIFIERS, name, overrides)
    check_input_px(input_px, least=32)
    backbone = preset.backbone(
        crop_px or input_px, input_px, IMAGENET if weights == IMAGENET else None
    )
    x = layers.GlobalAveragePooling2D(name="pool")(backbone.output)
    x = layers.Dropout(preset.dropout, name="dropout")(x)
    x = layers.Dense(1, dtype="float32", name="head")(x)
    probability = layers.Activation("sigmoid", dtype="float32", name="probability")(x)
    model = keras.Model(backbone.input, probability, name=f"classifier_{name}")
    if weights is not None and weights != IMAGENET:
        load_classifier_weights(model, Path(weights), torch_named=isinstance(preset, ResNetPreset))
    return model


def _own(name: str, input_px: int, crop_px: int) -> keras.Model:
    network = imported(name)(input_px)
    check_shapes(name, network, (None, input_px, input_px, 3), (None, 1))
    image, enlarged = crop_input(crop_px, input_px)
    probability = layers.Identity(dtype="float32", name="probability")(network(enlarged))
    return keras.Model(image, probability)
