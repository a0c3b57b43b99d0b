"""What a baseline segmenter is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from mitokeras.models.checks import check_width
from mitokeras.models.packing import Tensor
from mitokeras.models.presets import Preset


@dataclass(frozen=True)
class Baseline(Preset):
    """A segmenter of another paper.

    Attributes:
        published_parameters: What its paper, or else the reference implementation that
            `description` names, states.
        body: From the image, RGB 0..255, and the width to the map before the head's 1x1
            convolution, at full resolution.
        width: Channels of the first level.
        multiple_px: The side of the input is a multiple of it.
    """

    published_parameters: int
    body: Callable[[Tensor, int], Tensor]
    width: int = 64
    multiple_px: int = 16

    def __post_init__(self) -> None:
        check_width(self.width)
