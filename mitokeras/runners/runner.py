"""A loaded network: a function from an array of images to an array of probabilities.

A runner takes RGB, uint8, (n, height, width, 3), any n, and gives float32: (n, height, width) for
a segmenter, (n,) for a classifier and a subtyper.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, Protocol, get_args

if TYPE_CHECKING:
    import numpy as np  # `mitokeras info` reads a detector.json without it

Role = Literal["segmenter", "classifier", "subtyper"]

ROLES: tuple[Role, ...] = get_args(Role)
"""Stage 1, stage 2 and, where there is one, stage 3."""


class Runner(Protocol):
    """A loaded network.

    Attributes:
        side_px: Edge of the square images that it takes.
    """

    side_px: int

    def __call__(self, images: np.ndarray) -> np.ndarray: ...
