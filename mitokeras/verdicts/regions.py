"""A drawn region: what lies in it, and how much of it is tissue."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import shapely

from mitokeras.counting.prediction import ImageFacts
from mitokeras.errors import DataError
from mitokeras.slides.polygons import fill
from mitokeras.verdicts.events import Outline

MARGIN_PX = 1.0
"""So far an outline may lie beyond the slide."""


def check_outlines(outlines: Sequence[Outline], image: ImageFacts) -> None:
    """Refuse what is no region of a slide.

    Raises:
        DataError: An outline crosses itself, has no area, or leaves the slide.
    """
    for number, outline in enumerate(outlines, start=1):
        polygon = shapely.Polygon(outline)
        if not polygon.is_valid or polygon.area < 1:
            raise DataError(f"outline {number} of the region must not cross or touch itself")
        left, top, right, bottom = polygon.bounds
        inside = min(left, top) >= -0.5 - MARGIN_PX
        inside &= right <= image.width_px - 0.5 + MARGIN_PX
        inside &= bottom <= image.height_px - 0.5 + MARGIN_PX
        if not inside:
            raise DataError(f"outline {number} of the region must lie on the slide")


def within(xy: np.ndarray, outlines: Sequence[Outline]) -> np.ndarray:
    """Which points (x, y) lie in a region, its border included; all where there is none.

    Args:
        xy: Pixels of level 0, shape (n, 2).
        outlines: Of the region.

    Returns:
        Bool, shape (n,).
    """
    if not outlines:
        return np.ones(len(xy), bool)
    region = shapely.union_all([shapely.Polygon(outline) for outline in outlines])
    shapely.prepare(region)
    return np.asarray(shapely.intersects_xy(region, xy), bool)


def covered(shape: tuple[int, int], shrink: int, outlines: Sequence[Outline]) -> np.ndarray:
    """The pixels of an overview whose centres lie in a region; all where there is none.

    Args:
        shape: Height and width of the overview.
        shrink: Pixels of level 0 to one of its pixels, on each axis.
        outlines: Of the region.

    Returns:
        Bool.
    """
    if not outlines:
        return np.ones(shape, bool)
    mask = np.zeros(shape, bool)
    for outline in outlines:
        fill(mask, [(np.array(outline) + 0.5) / shrink - 0.5])
    return mask
