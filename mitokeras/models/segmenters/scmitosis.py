"""The segmenter of SCMitosis (Wang et al., arXiv 2212.13401) and its ablations."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from keras import layers

from mitokeras.errors import ConfigError
from mitokeras.models.blocks import conv_bn_relu, dsc_bn_relu, dsc_level, dscrb_level, up_project
from mitokeras.models.checks import check_width
from mitokeras.models.packing import Tensor, packing_of
from mitokeras.models.presets import Preset
from mitokeras.models.segmenters.fusion import cbam, cbam_gru, csag
from mitokeras.models.windows import Window

LEVELS = 4


@dataclass(frozen=True)
class SegmenterPreset(Preset):
    """A segmenter as parts and widths.

    Attributes:
        level: One of the encoder levels 2 to 4: a function of (map, filters, name).
        fusion: How a decoder map D meets the encoder map E of its level: a function of
            (E, D, name, packing, window).
        width: Channels of encoder level 1; each further level doubles them.
        stride: Pixels of the image to one of level 1, along each axis; the logits are
            interpolated back.
        window_px: Side of the window that channel attention looks at, pixels of the image: that of
            the training patches, so that a larger input gives the same. A multiple of
            `multiple_px`, which is the side of a cell.
    """

    level: Callable[[Tensor, int, str], Tensor]
    fusion: Callable[[Tensor, Tensor, str, int, Window], Tensor]
    width: int = 64
    stride: int = 1
    window_px: int = 256

    def __post_init__(self) -> None:
        check_width(self.width)
        if self.stride not in (1, 2):
            raise ConfigError(f"stride must be 1 or 2. Received: {self.stride}")
        if self.window_px < 1 or self.window_px % self.multiple_px:
            raise ConfigError(
                "window_px, the side of the training patches, must be a multiple of "
                f"{self.multiple_px}. Received: {self.window_px}"
            )

    def window(self, level: int) -> Window:
        """The window at a level, 1 to 3."""
        scale = self.stride * 2 ** (level - 1)
        return Window(self.window_px // scale, self.multiple_px // scale)

    @property
    def multiple_px(self) -> int:
        """The side of the image must be a multiple of it, pixels."""
        return 2 ** (LEVELS - 1) * self.stride


_PAPER = SegmenterPreset(
    "SCMitosis_Seg, the row DSCRB+CSAG of Table 2; the width is measured, not in the text",
    3_647_326,
    42_106_175_488,
    dscrb_level,
    csag,
)

SCMITOSIS: Mapping[str, SegmenterPreset] = {
    "paper": _PAPER,
    "edge": SegmenterPreset(
        "`paper` at width 32 and half the resolution, for a CPU beside the scanner",
        933_886,
        2_792_966_144,
        dscrb_level,
        csag,
        width=32,
        stride=2,
        window_px=192,
    ),
    "tiny": SegmenterPreset(
        "`paper` at width 8, for tests and quick runs",
        66_910,
        893_029_248,
        dscrb_level,
        csag,
        width=8,
        window_px=128,
    ),
    "dsc_cbam": SegmenterPreset(
        "Row DSC+CBAM of Table 2, read as: plain DSC encoder levels; CBAM on the skip, then added",
        1_566_746,
        26_997_540_608,
        dsc_level,
        cbam,
    ),
    "dsc_cbam_gru": SegmenterPreset(
        "Row DSC+CBAM+GRU of Table 2, read as: plain DSC encoder levels; CBAM on the skip, its "
        "attentions gated by the decoder's, then added",
        2_099_486,
        27_676_721_152,
        dsc_level,
        cbam_gru,
    ),
    "cbam_dscrb": SegmenterPreset(
        "Row CBAM+DSCRB of Table 2, read as: `paper` with CBAM on the skip, then added",
        3_114_586,
        41_426_994_944,
        dscrb_level,
        cbam,
    ),
    "cbam_gru_dscrb": SegmenterPreset(
        "Row CBAM+GRU+DSCRB of Table 2, read as: `paper` with CBAM on the skip, its attentions "
        "gated by the decoder's, then added",
        3_647_326,
        42_106_175_488,
        dscrb_level,
        cbam_gru,
    ),
    "dscrb_csag": _PAPER,
}


def scmitosis(image: Tensor, preset: SegmenterPreset) -> Tensor:
    """Encoder, decoder and fusions; the map before the head.

    Args:
        image: RGB 0..255, (batch, side, side, 3), the side a multiple of `preset.multiple_px`.
        preset: Parts and widths.

    Returns:
        (batch, side / stride, side / stride, width).
    """
    x = layers.Rescaling(1 / 255, name="rescale")(image)
    # An even kernel at stride 2, so that a pixel of level 1 is centred on the four it stands for.
    side = 3 if preset.stride == 1 else 4
    x = conv_bn_relu(x, preset.width, side, "encoder_1_block_a", strides=preset.stride)
    x = conv_bn_relu(x, preset.width, 3, "encoder_1_block_b")
    skips = [x]
    for level in range(2, LEVELS + 1):
        x = preset.level(x, preset.width * 2 ** (level - 1), f"encoder_{level}")
        skips.append(x)
    for level in range(LEVELS - 1, 0, -1):
        filters = preset.width * 2 ** (level - 1)
        x = up_project(x, filters, f"decoder_{level}")
        fusion = f"decoder_{level}_fusion"
        packing, window = packing_of(x.shape[1]), preset.window(level)
        x = preset.fusion(skips[level - 1], x, fusion, packing, window)
        x = dsc_bn_relu(x, filters, f"decoder_{level}_dsc")
    return x
