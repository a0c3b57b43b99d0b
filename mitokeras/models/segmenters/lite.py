"""A segmenter on a pre-trained encoder: EfficientNet-Lite0, and the decoder of the paper with sums.

Where SCMitosis fuses a level's two maps by attention, here they are added: nothing is pooled over
the map, so what it says of a place does not depend on the tile that the place was seen in.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from keras import layers

from mitokeras.models.blocks import conv_bn, dsc_bn_relu, up_project
from mitokeras.models.checks import check_width
from mitokeras.models.efficientnet_lite import lite_maps
from mitokeras.models.packing import Tensor
from mitokeras.models.presets import Preset

ENCODER_STRIDE = 16
LAST_STRIDE = 2


@dataclass(frozen=True)
class LiteSegmenterPreset(Preset):
    """A segmenter on EfficientNet-Lite0.

    Attributes:
        width: Channels of the decoder at stride 2; each deeper level has as many more.
    """

    width: int = 16

    def __post_init__(self) -> None:
        check_width(self.width)

    @property
    def multiple_px(self) -> int:
        """The side of the image must be a multiple of it, pixels."""
        return ENCODER_STRIDE


LITE: Mapping[str, LiteSegmenterPreset] = {
    "lite0": LiteSegmenterPreset(
        "EfficientNet-Lite0 (Tan and Le 2019, arXiv 1905.11946) to stride 16, pre-trained, and a "
        "narrow decoder, for a CPU beside the scanner",
        732_913,
        1_388_331_008,
    ),
}


def lite_segmenter(image: Tensor, preset: LiteSegmenterPreset) -> Tensor:
    """Encoder and decoder; the map before the head.

    Args:
        image: RGB 0..255, (batch, side, side, 3).
        preset: Widths.

    Returns:
        (batch, side / 2, side / 2, width).
    """
    maps = lite_maps(image, ENCODER_STRIDE)
    x, level = maps[ENCODER_STRIDE], 3
    for stride in (8, 4, LAST_STRIDE):
        filters, name = preset.width * level, f"decoder_{stride}"
        skip = conv_bn(maps[stride], filters, 1, f"{name}_skip")
        x = up_project(x, filters, name)
        x = layers.Add(name=f"{name}_add")([skip, x])
        x = dsc_bn_relu(x, filters, f"{name}_dsc")
        level -= 1
    return x
