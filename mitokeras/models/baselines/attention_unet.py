"""Attention U-Net (Oktay et al. 2018, arXiv 1804.03999)."""

from __future__ import annotations

from keras import layers

from mitokeras.models.baselines.baseline import Baseline
from mitokeras.models.baselines.unet import conv_bn_level, decoder, encoder
from mitokeras.models.blocks import conv_bn, conv_bn_relu, relu
from mitokeras.models.packing import Tensor


def attention_gate(encoded: Tensor, decoded: Tensor, name: str) -> Tensor:
    """Additive attention on the encoder map, eq. (1) and (2).

    E x sigmoid(psi(ReLU(Wx E + Wg D))): 1x1 convolutions with BN to half the channels and, psi,
    to one.
    """
    inner = max(encoded.shape[-1] // 2, 1)
    x = conv_bn(encoded, inner, 1, f"{name}_encoder")
    g = conv_bn(decoded, inner, 1, f"{name}_decoder")
    x = relu(layers.Add(name=f"{name}_add")([x, g]), name)
    x = conv_bn(x, 1, 1, f"{name}_psi")
    attention = layers.Activation("sigmoid", name=f"{name}_attention")(x)
    return layers.Multiply(name=f"{name}_product")([encoded, attention])


def _up(x: Tensor, filters: int, name: str) -> Tensor:
    """Every pixel repeated 2 x 2, 3x3 convolution, BN, ReLU."""
    x = layers.UpSampling2D(name=name)(x)
    return conv_bn_relu(x, filters, 3, name)


def _body(image: Tensor, width: int) -> Tensor:
    return decoder(encoder(image, width, conv_bn_level), _up, conv_bn_level, attention_gate)


BASELINE = Baseline(
    description=(
        "Attention U-Net (Oktay et al. 2018, arXiv 1804.03999) in its common 2-D form "
        "(LeeJunHyun/Image_Segmentation, whose parameters are the published ones; the paper's "
        "network is 3-D): every skip gated, by the decoder's map at the skip's own resolution, "
        "where the paper gates on the grid of the level below, leaves the first skip alone and "
        "supervises every level"
    ),
    parameters=34_886_385,
    macs=265_699_721_216,
    published_parameters=34_878_573,
    body=_body,
)
