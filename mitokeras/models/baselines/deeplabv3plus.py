"""DeepLabV3+ (Chen et al. 2018, arXiv 1802.02611) on ResNet50 at output stride 16."""

from __future__ import annotations

import keras
from keras import layers

from mitokeras.models.baselines.baseline import Baseline
from mitokeras.models.blocks import conv_bn_relu, dsc_bn_relu
from mitokeras.models.packing import Tensor
from mitokeras.models.resnet import normalised

RATES = (6, 12, 18)
"""Dilations of the pyramid at output stride 16."""


def body(image: Tensor, width: int) -> Tensor:
    low, x = dilated_resnet50(image.shape[1:], width)(normalised(image))
    x = pyramid(x, 4 * width, "pyramid")
    x = layers.UpSampling2D(4, interpolation="bilinear", name="decoder_up")(x)
    low = conv_bn_relu(low, max(1, 48 * width // 64), 1, "decoder_low")
    x = layers.Concatenate(name="decoder_concat")([low, x])
    x = dsc_bn_relu(x, 4 * width, "decoder_1")
    x = dsc_bn_relu(x, 4 * width, "decoder_2")
    return layers.UpSampling2D(4, interpolation="bilinear", name="up")(x)


def dilated_resnet50(shape: tuple[int, int, int], width: int) -> keras.Model:
    """ResNet50 of keras.applications whose last stage dilates by 2 instead of striding.

    Args:
        shape: Height, width and channels of the image.
        width: Channels of the first stage; 64 in the paper.

    Returns:
        From the normalised image to the maps of stage 2, (batch, height / 4, width / 4,
        4 * width), and of stage 5, (batch, height / 16, width / 16, 32 * width).
    """

    def adapted(layer: keras.Layer) -> keras.Layer:
        config = layer.get_config()
        if isinstance(layer, layers.Conv2D):
            config["filters"] = config["filters"] * width // 64
            config["use_bias"] = False  # a batch normalisation follows
            config["kernel_initializer"] = "he_normal"
            if layer.name.startswith("conv5"):
                config["strides"] = 1
                config["dilation_rate"] = 1 if layer.kernel_size == (1, 1) else 2
        elif isinstance(layer, layers.BatchNormalization):
            config["momentum"] = 0.9  # as in `blocks.norm`
        return type(layer).from_config(config)

    plain = keras.applications.ResNet50(
        include_top=False, weights=None, input_tensor=keras.Input(shape, name="normalised")
    )
    network = keras.models.clone_model(plain, clone_function=adapted)
    low = network.get_layer("conv2_block3_out").output
    return keras.Model(network.inputs[0], [low, network.output], name="resnet50")


def pyramid(x: Tensor, filters: int, name: str) -> Tensor:
    """Atrous spatial pyramid pooling: five views of the map, joined by a 1x1 convolution.

    A 1x1 convolution, 3x3 separable convolutions dilated by each of `RATES`, and the mean of
    the whole map; batch normalisation and ReLU after each.
    """
    _, height, width, _ = x.shape
    views = [conv_bn_relu(x, filters, 1, f"{name}_point")]
    for rate in RATES:
        views.append(dsc_bn_relu(x, filters, f"{name}_rate_{rate}", dilation=rate))
    # LiteRT's GPU delegate lacks the mean over axes, but has the pooling
    mean = layers.AveragePooling2D((height, width), name=f"{name}_mean")(x)
    mean = conv_bn_relu(mean, filters, 1, f"{name}_mean")
    views.append(_spread(mean, (height, width), f"{name}_mean_up"))
    x = layers.Concatenate(name=f"{name}_concat")(views)
    return conv_bn_relu(x, filters, 1, f"{name}_project")


def _spread(x: Tensor, sides: tuple[int, int], name: str) -> Tensor:
    """One pixel as a map: Keras repeats for "nearest", which LiteRT does not delegate."""
    return layers.UpSampling2D(sides, interpolation="bilinear", name=name)(x)


BASELINE = Baseline(
    "DeepLabV3+ (Chen et al. 2018, arXiv 1802.02611) on the ResNet50 of keras.applications at "
    "output stride 16: separable pyramid of rates 6, 12 and 18, low-level map of 48 channels, "
    "two separable 3x3 convolutions of 256. Published count: segmentation_models.pytorch, "
    "DeepLabV3Plus of resnet50, issue 819 (26,682,725 with 21 classes, less 20 of 257)",
    parameters=26_734_897,
    macs=36_860_854_272,
    published_parameters=26_677_585,
    body=body,
)
