"""The segmenter of SCMitosis (Wang et al., arXiv 2212.13401) and its ablations."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import keras
from keras import layers

from mitokeras.models.blocks import conv_bn_relu, dsc_bn_relu, dsc_level, dscrb_level, up_project
from mitokeras.models.checks import checked_input_px, resolved_preset
from mitokeras.models.fusion import cbam, cbam_gru, csag
from mitokeras.models.packing import Tensor

Level = Callable[[Tensor, int, str], Tensor]
Fusion = Callable[[Tensor, Tensor, str, int], Tensor]

LEVELS = 4


@dataclass(frozen=True)
class SegmenterPreset:
    """A segmenter as parts and widths.

    Attributes:
        description: What it is and where it comes from.
        parameters: All weights, moving statistics included.
        macs: Multiply-accumulates of one 512 x 512 image, as `count_macs` counts.
        level: One of the encoder levels 2 to 4.
        fusion: How a decoder map meets the encoder map of its level.
        width: Channels of encoder level 1; each further level doubles them.
    """

    description: str
    level: Level
    fusion: Fusion
    width: int = 64


SEGMENTERS: dict[str, SegmenterPreset] = {
    "paper": SegmenterPreset("", dscrb_level, csag),
    "edge": SegmenterPreset("", dscrb_level, csag, width=24),
    "tiny": SegmenterPreset("", dscrb_level, csag, width=8),
    "dsc_cbam": SegmenterPreset("", dsc_level, cbam),
    "dsc_cbam_gru": SegmenterPreset("", dsc_level, cbam_gru),
    "cbam_dscrb": SegmenterPreset("", dscrb_level, cbam),
    "cbam_gru_dscrb": SegmenterPreset("", dscrb_level, cbam_gru),
    "dscrb_csag": SegmenterPreset("", dscrb_level, csag),
}


def build_segmenter(name: str = "paper", *, input_px: int = 256, **overrides: Any) -> keras.Model:
    """Build a segmenter with random weights.

    Args:
        name: One of `SEGMENTERS`.
        input_px: Side of the square input, pixels, a multiple of 8. The weights do not depend
            on it: those trained at one size fit a model built for another.
        **overrides: Fields of `SegmenterPreset` to change, such as `width`.

    Returns:
        A functional model from `image`, RGB 0..255, (batch, input_px, input_px, 3), to
        `probability` of mitosis by pixel, float32, (batch, input_px, input_px, 1).

    Raises:
        ConfigError: The name, an override or the size is not allowed.
    """
    preset = resolved_preset("segmenter", SEGMENTERS, name, overrides)
    checked_input_px(input_px)
    image = keras.Input((input_px, input_px, 3), name="image")
    x = layers.Rescaling(1 / 255, name="rescale")(image)
    x = conv_bn_relu(x, preset.width, 3, "encoder_1_block_a")
    x = conv_bn_relu(x, preset.width, 3, "encoder_1_block_b")
    skips = [x]
    for level in range(2, LEVELS + 1):
        x = preset.level(x, preset.width * 2 ** (level - 1), f"encoder_{level}")
        skips.append(x)
    for level in range(LEVELS - 1, 0, -1):
        filters = preset.width * 2 ** (level - 1)
        x = up_project(x, filters, f"decoder_{level}")
        x = preset.fusion(skips[level - 1], x, f"decoder_{level}_fusion", _packing(x.shape[1]))
        x = dsc_bn_relu(x, filters, f"decoder_{level}_dsc")
    x = layers.Conv2D(1, 1, dtype="float32", name="head_conv")(x)
    probability = layers.Activation("sigmoid", dtype="float32", name="probability")(x)
    return keras.Model(image, probability, name=f"segmenter_{name}")


def _packing(map_px: int) -> int:
    return next(k for k in (4, 2, 1) if map_px % k == 0)
