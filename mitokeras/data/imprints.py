"""The imprint of a field: what is kept of its tissue, so that it is known again without its pixels.

It has the strongest keypoints of the field. As many as would tell a copy grow with the side of a
field and not with its area, so that an imprint is small.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from mitokeras.data.shifts import Keypoints

KEYPOINTS_PER_SIDE_PX = 0.28
"""36 of a field of 128 x 128 px, 330 of one of 1360 x 1024 px, at `SPACING_UM_PX`."""

WORDS = 4
"""Of 16 bits, of what a keypoint looks like: many keypoints of few bits tell more than the reverse.
"""

CELL_PX = 4
"""Keypoints that share a square of this side count as one: they see the same."""


class Imprint(NamedTuple):
    """Keypoints of a field.

    Attributes:
        xy: Places (x, y), pixels of `SPACING_UM_PX`, uint16, shape (n, 2).
        bits: What each looks like, uint16, shape (n, WORDS).
    """

    xy: np.ndarray
    bits: np.ndarray

    @classmethod
    def of(cls, keypoints: Keypoints, area_px: int) -> Imprint:
        """The strongest keypoints of a field, one a cell.

        Args:
            keypoints: All of them, the strongest first.
            area_px: Area of the field, pixels of `SPACING_UM_PX`.
        """
        _, first = np.unique(keypoints.xy // CELL_PX, axis=0, return_index=True)
        kept = np.sort(first)[: round(KEYPOINTS_PER_SIDE_PX * math.sqrt(area_px))]
        places = keypoints.xy[kept].round().clip(0, 2**16 - 1)
        return cls(places.astype(np.uint16), keypoints.bits[kept, :WORDS])
