"""ResNet with basic blocks, equal to torchvision's (He et al. 2016, arXiv 1512.03385).

Layer names are torchvision's with "_" for ".": `layer1_0_conv1` is `layer1.0.conv1`.
"""

from __future__ import annotations

from collections.abc import Sequence

from keras import layers

from mitokeras.models.blocks import subsampled
from mitokeras.models.packing import Tensor

MEAN = (0.485, 0.456, 0.406)
STD = (0.229, 0.224, 0.225)


def normalised(image: Tensor) -> Tensor:
    """RGB 0..255 to torchvision's range: (image / 255 - mean) / standard deviation."""
    scale = [1 / (255 * std) for std in STD]
    offset = [-mean / std for mean, std in zip(MEAN, STD, strict=True)]
    return layers.Rescaling(scale, offset, name="normalise")(image)


def basic_resnet(x: Tensor, blocks: Sequence[int], width: int) -> Tensor:
    """Stem and residual stages, without pooling and classification at the end.

    Args:
        x: Normalised image, (batch, height, width, 3).
        blocks: Blocks of each stage; (2, 2, 2, 2) is ResNet18, (3, 4, 6, 3) ResNet34.
        width: Channels of the first stage; each further stage doubles them. 64 in the paper.

    Returns:
        (batch, height / 32, width / 32, width * 8).
    """
    return resnet_stages(x, blocks, width)[-1]


def resnet_stages(x: Tensor, blocks: Sequence[int], width: int) -> list[Tensor]:
    """As `basic_resnet`, but the map of every stage.

    Returns:
        For stages 0 to 3 (batch, height / 4, width / 4, width) and so on, each half the sides
        and twice the channels of the one before.
    """
    x = _conv_bn(x, width, 7, 2, "conv1", "bn1")
    x = layers.ReLU(name="relu")(x)
    x = layers.ZeroPadding2D(1, name="maxpool_pad")(x)  # after ReLU, zero is torch's -inf
    x = layers.MaxPooling2D(3, strides=2, name="maxpool")(x)
    stages = []
    for stage, count in enumerate(blocks):
        for block in range(count):
            strides = 2 if stage and not block else 1
            x = _basic_block(x, width * 2**stage, strides, f"layer{stage + 1}_{block}")
        stages.append(x)
    return stages


def _basic_block(x: Tensor, filters: int, strides: int, name: str) -> Tensor:
    main = _conv_bn(x, filters, 3, strides, f"{name}_conv1", f"{name}_bn1")
    main = layers.ReLU(name=f"{name}_relu1")(main)
    main = _conv_bn(main, filters, 3, 1, f"{name}_conv2", f"{name}_bn2")
    if strides > 1:
        x, strides = subsampled(x, f"{name}_downsample")
        x = _conv_bn(x, filters, 1, strides, f"{name}_downsample_0", f"{name}_downsample_1")
    x = layers.Add(name=f"{name}_add")([main, x])
    return layers.ReLU(name=f"{name}_relu2")(x)


def _conv_bn(x: Tensor, filters: int, side: int, strides: int, conv: str, bn: str) -> Tensor:
    # torch pads both sides alike; "same" with a stride would pad only right and bottom
    if strides > 1 and side > 1:
        x = layers.ZeroPadding2D(side // 2, name=f"{conv}_pad")(x)
    x = layers.Conv2D(
        filters,
        side,
        strides=strides,
        padding="same" if strides == 1 else "valid",
        use_bias=False,
        kernel_initializer="he_normal",
        name=conv,
    )(x)
    return layers.BatchNormalization(momentum=0.9, epsilon=1e-5, name=bn)(x)
