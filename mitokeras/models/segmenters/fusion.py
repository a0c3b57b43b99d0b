"""Ways to fuse a decoder map D with the encoder map E of its level.

Functions of (E, D, name, packing, window) that return a map of the shape of E and D; the window
is that of the channel attentions.
"""

from __future__ import annotations

from keras import layers

from mitokeras.models.attention import SpatialAttention, cbam_refined, channel_attention
from mitokeras.models.gru import ChannelGru, SpatialGru
from mitokeras.models.packing import Tensor, Unpack
from mitokeras.models.windows import WHOLE, Window


def cbam(
    encoder: Tensor, decoder: Tensor, name: str, packing: int, window: Window = WHOLE
) -> Tensor:
    """CBAM on the skip, then addition: E' x S(E') + D with E' = E x C(E)."""
    return layers.Add(name=f"{name}_add")([cbam_refined(encoder, name, packing, window), decoder])


def cbam_gru(
    encoder: Tensor, decoder: Tensor, name: str, packing: int, window: Window = WHOLE
) -> Tensor:
    """CBAM on the skip, its attentions gated by those of D: E' x GRU(S(E'), S(D)) + D.

    E' = E x GRU(C(E), C(D)). In series like CBAM, and applied to the skip alone; CSAG works in
    parallel and applies one joint product to the sum.
    """
    channel = _channel_gate(encoder, decoder, name, window)
    refined = layers.Multiply(name=f"{name}_channel_product")([encoder, channel])
    spatial = _spatial_gate(refined, decoder, name, packing)
    refined = layers.Multiply(name=f"{name}_spatial_product")([refined, spatial])
    return layers.Add(name=f"{name}_add")([refined, decoder])


def csag(
    encoder: Tensor, decoder: Tensor, name: str, packing: int, window: Window = WHOLE
) -> Tensor:
    """Channel-spatial attention gate: (E + D) x CF x SF, the paper's eq. (1)-(5).

    CF = GRU(C(E), C(D)), SF = GRU(S(E), S(D)); E's attention is the input and D's the state.
    """
    channel = _channel_gate(encoder, decoder, name, window)
    spatial = _spatial_gate(encoder, decoder, name, packing)
    fused = layers.Add(name=f"{name}_add")([encoder, decoder])
    fused = layers.Multiply(name=f"{name}_channel_product")([fused, channel])
    return layers.Multiply(name=f"{name}_spatial_product")([fused, spatial])


def _channel_gate(encoder: Tensor, decoder: Tensor, name: str, window: Window) -> Tensor:
    x = channel_attention(encoder, f"{name}_encoder_channel_attention", window)
    h = channel_attention(decoder, f"{name}_decoder_channel_attention", window)
    gated = ChannelGru(name=f"{name}_channel_gru")([x, h])
    return window.spread(gated, encoder, f"{name}_channel_map")


def _spatial_gate(encoder: Tensor, decoder: Tensor, name: str, packing: int) -> Tensor:
    maps = SpatialAttention(packing, name=f"{name}_spatial_attention")([encoder, decoder])
    gated = SpatialGru(packing, name=f"{name}_spatial_gru")(maps)
    return Unpack(packing, name=f"{name}_spatial_map")(gated)
