"""Which pixels of a picture lie in a polygon."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np


def fill(mask: np.ndarray, rings: Sequence[np.ndarray]) -> None:
    """Set the pixels whose centres lie in a polygon, row by row between its crossings.

    OpenCV's `fillPoly` would set those that its border touches as well.

    Args:
        mask: Bool, shape (height, width).
        rings: Corners (x, y) of its border and of its holes, each of shape (n, 2); the centre of
            the top left pixel is (0, 0).
    """
    x, y = np.concatenate(rings).T
    nexts = np.concatenate([np.roll(ring, -1, axis=0) for ring in rings])
    dx, dy = nexts[:, 0] - x, nexts[:, 1] - y
    for row in range(max(0, math.ceil(y.min())), min(mask.shape[0], math.floor(y.max()) + 1)):
        crosses = (y > row) != (y + dy > row)
        at = np.sort(x[crosses] + (row - y[crosses]) * dx[crosses] / dy[crosses])
        for left, right in zip(at[::2], at[1::2], strict=True):
            mask[row, max(0, math.ceil(left)) : max(0, math.floor(right) + 1)] = True
