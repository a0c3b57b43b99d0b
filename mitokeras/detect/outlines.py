"""Polygons around segmented regions."""

from __future__ import annotations

import numpy as np
import shapely

BORDER_PX = 0.25
"""The polygon keeps so much distance, so that parts that touch at a corner are one polygon."""

SIMPLIFY_PX = 0.5
"""How far the polygon may cut the corners of pixels off."""


def outline_of(mask: np.ndarray) -> np.ndarray:
    """The polygon around a region, holes left out.

    Args:
        mask: One 8-connected region, bool, shape (height, width).

    Returns:
        Corners (x, y) in pixels of the mask, whose centres are at whole numbers; float64, shape
        (n, 2), n at least 3, not closed, no self-intersection.
    """
    steps = np.diff(np.pad(mask, ((0, 0), (1, 1))).astype(np.int8), axis=1)
    rows, starts = np.nonzero(steps == 1)
    _, stops = np.nonzero(steps == -1)
    runs = shapely.box(starts - 0.5, rows - 0.5, stops - 0.5, rows + 0.5)
    polygon = shapely.union_all(runs).buffer(BORDER_PX, join_style="mitre").simplify(SIMPLIFY_PX)
    return np.array(polygon.exterior.coords)[:-1]


def box_outline(left: int, top: int, width: int, height: int) -> np.ndarray:
    """The four corners of a box of pixels, as `outline_of` gives them."""
    x0, y0, x1, y1 = left - 0.5, top - 0.5, left + width - 0.5, top + height - 0.5
    return np.array([[x0, y0], [x1, y0], [x1, y1], [x0, y1]])
