"""U-Net with CBAM (Woo et al. 2018, arXiv 1807.06521) on its skips."""

from __future__ import annotations

from mitokeras.models.attention import cbam_refined
from mitokeras.models.baselines.baseline import Baseline
from mitokeras.models.baselines.unet import unet
from mitokeras.models.packing import Tensor, packing_of


def cbam_skip(encoded: Tensor, decoded: Tensor, name: str) -> Tensor:
    """CBAM on the encoder map; the decoder's has no part in it."""
    return cbam_refined(encoded, name, packing_of(encoded.shape[1]))


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
