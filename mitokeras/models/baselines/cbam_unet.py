"""U-Net with CBAM (Woo et al. 2018, arXiv 1807.06521) on its skips."""

from __future__ import annotations

from keras import layers

from mitokeras.models.attention import ChannelAttention, SpatialAttention
from mitokeras.models.baselines.baseline import Baseline
from mitokeras.models.baselines.unet import unet
from mitokeras.models.packing import Tensor, Unpack


def cbam_skip(encoded: Tensor, decoded: Tensor, name: str) -> Tensor:
    """E' x S(E') with E' = E x C(E); the decoder's map has no part in it."""
    packing = 4 if encoded.shape[1] % 4 == 0 else 2
    channel = ChannelAttention(name=f"{name}_channel_attention")(encoded)
    channel = layers.Reshape((1, 1, -1), name=f"{name}_channel_map")(channel)
    refined = layers.Multiply(name=f"{name}_channel_product")([encoded, channel])
    spatial = SpatialAttention(packing, name=f"{name}_spatial_attention")([refined])
    spatial = Unpack(packing, name=f"{name}_spatial_map")(spatial)
    return layers.Multiply(name=f"{name}_spatial_product")([refined, spatial])


def _body(image: Tensor, width: int) -> Tensor:
    return unet(image, width, cbam_skip)


BASELINE = Baseline(
    description=(
        "U-Net with CBAM (Woo et al. 2018, arXiv 1807.06521) on its skips. No paper states its "
        "parameters: published are those of our U-Net and of four modules of the authors' code "
        "(Jongchan/attention-module), which reduce the channels by 16 even where that leaves "
        "fewer than 16"
    ),
    parameters=31_080_285,
    macs=192_669_736_832,
    published_parameters=31_076_685,
    body=_body,
)
