"""What a baseline segmenter is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from mitokeras.models.checks import check_width
from mitokeras.models.packing import Tensor


@dataclass(frozen=True)
class Baseline:
    """A segmenter of another paper.

    Attributes:
        description: What it is, its paper, and how it differs from it.
        parameters: All weights, moving statistics included.
        macs: Multiply-accumulates of one 512 x 512 tile, as `count_macs` counts.
        published_parameters: What its paper, or else the reference implementation that
            `description` names, states.
        body: From the image, RGB 0..255, and the width to the map before the head's 1x1
            convolution, at full resolution.
        width: Channels of the first level.
        multiple_px: The side of the input is a multiple of it.
    """

    description: str
    parameters: int
    macs: int
    published_parameters: int
    body: Callable[[Tensor, int], Tensor]
    width: int = 64
    multiple_px: int = 16

    def __post_init__(self) -> None:
        check_width(self.width)
