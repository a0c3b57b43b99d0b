"""Convolution blocks of the segmenter.

Functions from tensor to tensor; `name` is the prefix of the layer names. "same" padding
throughout, no biases before a batch normalisation.
"""

from __future__ import annotations

from keras import layers

from mitokeras.models.packing import Tensor


def norm(x: Tensor, name: str) -> Tensor:
    """Batch normalisation whose moving statistics follow within about twenty steps."""
    return layers.BatchNormalization(momentum=0.9, name=f"{name}_bn")(x)


def conv(x: Tensor, filters: int, side: int, name: str, *, strides: int = 1) -> Tensor:
    """Ordinary convolution with a `side` x `side` kernel."""
    return layers.Conv2D(
        filters,
        side,
        strides=strides,
        padding="same",
        use_bias=False,
        kernel_initializer="he_normal",
        name=f"{name}_conv",
    )(x)


def conv_bn(x: Tensor, filters: int, side: int, name: str, *, strides: int = 1) -> Tensor:
    """Ordinary convolution, batch normalisation."""
    return norm(conv(x, filters, side, name, strides=strides), name)


def subsampled(x: Tensor, name: str) -> tuple[Tensor, int]:
    """What a 1x1 convolution with stride 2 shall read, and the stride left for it.

    oneDNN writes out of bounds in the gradient of a strided 1x1 convolution of fewer than 16
    channels (its issue 6035). Taking every second pixel first gives the same.
    """
    if x.shape[-1] >= 16:
        return x, 2
    return layers.MaxPooling2D(1, strides=2, name=f"{name}_subsample")(x), 1


def conv_bn_relu(x: Tensor, filters: int, side: int, name: str, *, strides: int = 1) -> Tensor:
    """Ordinary convolution, batch normalisation, ReLU."""
    return relu(conv_bn(x, filters, side, name, strides=strides), name)


def relu(x: Tensor, name: str) -> Tensor:
    """ReLU as a layer of its own, so that the name tells where it stands."""
    return layers.ReLU(name=f"{name}_relu")(x)


def dsc_bn(x: Tensor, filters: int, name: str, *, strides: int = 1, dilation: int = 1) -> Tensor:
    """Depthwise separable convolution (DSC): 3x3 depthwise, 1x1, then batch normalisation.

    Nothing stands between the two convolutions, as in Xception.
    """
    x = layers.DepthwiseConv2D(
        3,
        strides=strides,
        padding="same",
        dilation_rate=dilation,
        use_bias=False,
        depthwise_initializer="he_normal",
        name=f"{name}_depthwise",
    )(x)
    return conv_bn(x, filters, 1, name)


def dsc_bn_relu(
    x: Tensor, filters: int, name: str, *, strides: int = 1, dilation: int = 1
) -> Tensor:
    """DSC, batch normalisation, ReLU."""
    return relu(dsc_bn(x, filters, name, strides=strides, dilation=dilation), name)


def dscrb_a(x: Tensor, filters: int, name: str) -> Tensor:
    """Down-sampling residual block.

    3x3 stride 2, BN, ReLU, DSC, BN; added to 1x1 stride 2, BN; then ReLU, as in a ResNet.
    """
    main = conv_bn_relu(x, filters, 3, f"{name}_down", strides=2)
    main = dsc_bn(main, filters, f"{name}_dsc")
    x, strides = subsampled(x, f"{name}_shortcut")
    shortcut = conv_bn(x, filters, 1, f"{name}_shortcut", strides=strides)
    return relu(layers.Add(name=f"{name}_add")([main, shortcut]), name)


def dscrb_b(x: Tensor, filters: int, name: str) -> Tensor:
    """Residual block: DSC, BN, ReLU, DSC, BN; added to the input; then ReLU."""
    main = dsc_bn_relu(x, filters, f"{name}_dsc_1")
    main = dsc_bn(main, filters, f"{name}_dsc_2")
    return relu(layers.Add(name=f"{name}_add")([main, x]), name)


def dscrb_level(x: Tensor, filters: int, name: str) -> Tensor:
    """One encoder level of the paper: DSCRB_a, then DSCRB_b."""
    x = dscrb_a(x, filters, f"{name}_block_a")
    return dscrb_b(x, filters, f"{name}_block_b")


def dsc_level(x: Tensor, filters: int, name: str) -> Tensor:
    """One encoder level of the ablation: the four convolutions of a `dscrb_level` as plain DSC.

    No shortcuts; the first has stride 2; BN and ReLU after each.
    """
    x = dsc_bn_relu(x, filters, f"{name}_block_a_dsc_1", strides=2)
    x = dsc_bn_relu(x, filters, f"{name}_block_a_dsc_2")
    x = dsc_bn_relu(x, filters, f"{name}_block_b_dsc_1")
    return dsc_bn_relu(x, filters, f"{name}_block_b_dsc_2")


def up_project(x: Tensor, filters: int, name: str) -> Tensor:
    """Bilinear up-sampling by 2, 1x1 convolution to `filters` channels, BN, ReLU.

    The convolution stands before the up-sampling: the weights of an interpolation sum to one
    at every pixel, so the two commute, and it has a quarter of the pixels to work on.
    """
    x = conv(x, filters, 1, f"{name}_project")
    x = layers.UpSampling2D(interpolation="bilinear", name=f"{name}_up")(x)
    return relu(norm(x, f"{name}_project"), f"{name}_project")
