"""Where in a field every mitotic figure is labelled, where only what was judged, where nothing.

Places and areas are in pixels of the field, as its labels are.
"""

from __future__ import annotations

import math
from collections.abc import Iterable

import numpy as np
import shapely
from scipy.spatial import cKDTree
from shapely.geometry.base import BaseGeometry

from mitokeras.slides.polygons import fill

KNOWN_RADIUS_UM = 10.0
"""About the centre of a labelled object all is known, and about one that nobody is sure of nothing:
a nucleus with some of its cytoplasm. A second mitotic figure so near would touch the first."""


def is_inside(xy: np.ndarray, labelled: BaseGeometry | None) -> np.ndarray:
    """Which points (x, y) lie in a labelled area, its border included; all where there is none."""
    points = np.asarray(xy, np.float64).reshape(-1, 2)
    if labelled is None:
        return np.ones(len(points), bool)
    shapely.prepare(labelled)
    return np.asarray(shapely.intersects_xy(labelled, points), bool)


def is_near(xy: np.ndarray, centres: np.ndarray, radius_px: float) -> np.ndarray:
    """Which points (x, y) are at most so far from one of the centres, bool, shape (n,)."""
    points = np.asarray(xy, np.float64).reshape(-1, 2)
    if not len(centres) or not len(points):
        return np.zeros(len(points), bool)
    distance, _ = cKDTree(centres).query(points)
    return np.asarray(distance <= radius_px)


def discs(shape: tuple[int, ...], centres: Iterable[np.ndarray], radius_px: float) -> np.ndarray:
    """Pixels within a radius of one of the centres (x, y), bool, shape (height, width)."""
    mask = np.zeros(shape, bool)
    for x, y in centres:
        rows = np.arange(max(0, math.ceil(y - radius_px)), min(shape[0] - 1, y + radius_px) + 1)
        columns = np.arange(max(0, math.ceil(x - radius_px)), min(shape[1] - 1, x + radius_px) + 1)
        if len(rows) and len(columns):
            rows, columns = rows.astype(int), columns.astype(int)
            near = (columns - x) ** 2 + (rows[:, None] - y) ** 2 <= radius_px**2
            mask[rows[:, None], columns] |= near
    return mask


def area_mask(shape: tuple[int, ...], area: BaseGeometry) -> np.ndarray:
    """Pixels whose centres lie in an area of polygons, bool, shape (height, width)."""
    mask = np.zeros(shape, bool)
    rings = [
        shapely.get_coordinates(ring)[:-1]
        for polygon in getattr(area, "geoms", [area])
        if polygon.geom_type == "Polygon"
        for ring in (polygon.exterior, *polygon.interiors)
        if not ring.is_empty
    ]
    if rings:
        fill(mask, rings)
    return mask


def resized(area: BaseGeometry, factor: float) -> BaseGeometry:
    """An area in pixels of the field enlarged by a factor."""
    return shapely.transform(area, lambda xy: (xy + 0.5) * factor - 0.5)


def area_px(width: int, height: int, labelled: BaseGeometry | None, without: np.ndarray) -> float:
    """How much of a field is labelled, but for some rectangles of it, pixels.

    Args:
        width: Of the field.
        height: Of the field.
        labelled: Where every mitotic figure is labelled; None for all of it.
        without: Rectangles (left, top, right, bottom), shape (n, 4).
    """
    field = shapely.box(-0.5, -0.5, width - 0.5, height - 0.5)
    area = field if labelled is None else shapely.intersection(labelled, field)
    return float(shapely.difference(area, shapely.union_all(shapely.box(*without.T))).area)
