"""The circle of a given size that holds the most points, exactly."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import shapely
from scipy.spatial import cKDTree

from mitokeras.disk.records import Record

TOLERANCE = 1e-9
"""Share of the radius by which a point may lie outside and still count, so that points exactly on
the circle count whatever the rounding."""

_ROUNDING = 1e-12  # share of the radius; far above that of float64, far below the tolerance
_PAIRS = 1_000_000  # neighbours in memory at once; about 100 bytes each
_ROWS = 4096  # at once, so that the keys of `_sweep` keep their precision
_TURN = 8.0  # more than the angles of one sweep span


class Circle(Record):
    """The circle of its size that holds the most figures.

    Attributes:
        x_mm: Centre, from the left border of the slide's image.
        y_mm: Centre, from its upper border.
        area_mm2: Area of the circle.
        figures: Inside it.
    """

    x_mm: float
    y_mm: float
    area_mm2: float
    figures: int


def densest_circle(xy_mm: np.ndarray, area_mm2: float) -> Circle | None:
    """Find the circle of a size that holds the most points, its border included.

    Its centre is that of the smallest circle around the points that it holds. The order of the
    points does not matter: of several equally full circles it is the one whose pivot (see below)
    lies furthest left, then furthest up, then the one above the others.

    A fullest circle can be pushed to the right until it is about to lose a point. That point,
    the pivot, then lies on the left half of the border. So it is enough to turn a circle about
    each point, through the half turn that has its centre on the right, and to count the
    neighbours that enter and leave it.

    Args:
        xy_mm: Points (x, y), shape (n, 2).
        area_mm2: Area of the circle, above 0.

    Returns:
        The circle, or None without points.
    """
    if not len(xy_mm):
        return None
    xy_mm = np.asarray(xy_mm, dtype=np.float64)
    points = xy_mm[np.lexsort((xy_mm[:, 1], xy_mm[:, 0]))]
    radius = float(np.sqrt(area_mm2 / np.pi)) * (1.0 + TOLERANCE)
    offset = points - _fullest_centre(points, radius)
    inside = points[np.hypot(offset[:, 0], offset[:, 1]) <= radius * (1.0 + _ROUNDING)]
    centre = _enclosing_centre(inside)
    return Circle(
        x_mm=float(centre[0]), y_mm=float(centre[1]), area_mm2=area_mm2, figures=len(inside)
    )


def _enclosing_centre(points: np.ndarray) -> np.ndarray:
    # Of points that are all the same GEOS makes an empty circle.
    circle = shapely.minimum_bounding_circle(shapely.MultiPoint(np.unique(points, axis=0)))
    return shapely.get_coordinates(shapely.centroid(circle))[0]


def _fullest_centre(points: np.ndarray, radius: float) -> np.ndarray:
    """Centre of a circle with the most of the sorted points, at most `radius` from each."""
    tree = cKDTree(points)
    # No circle through a point holds more than lie within two radii of it; some circle holds as
    # many as lie well within one radius of a point.
    reachable = tree.query_ball_point(points, 2.0 * radius, return_length=True)
    around = tree.query_ball_point(points, radius * (1.0 - TOLERANCE), return_length=True)
    most = int(around.max()) - 1
    centre = points[0]
    for rows in _chunks(np.flatnonzero(reachable > most), reachable):
        rows = rows[reachable[rows] > most]
        if len(rows):
            count, pivot, angle = _sweep(points, tree, rows, radius)
            if count > most:
                most = count
                centre = points[pivot] + radius * np.array([np.cos(angle), np.sin(angle)])
    return centre


def _chunks(rows: np.ndarray, reachable: np.ndarray) -> Iterator[np.ndarray]:
    """Cut the row numbers into runs with a bounded number of neighbours, at least one row each."""
    ends = np.cumsum(reachable[rows])
    start = 0
    while start < len(rows):
        done = ends[start - 1] if start else 0
        stop = int(np.searchsorted(ends, done + _PAIRS, side="right"))
        stop = min(max(stop, start + 1), start + _ROWS)
        yield rows[start:stop]
        start = stop


def _sweep(
    points: np.ndarray, tree: cKDTree, rows: np.ndarray, radius: float
) -> tuple[int, int, float]:
    """Turn a circle about each point of `rows`.

    Returns:
        How many points the fullest circle holds, the row of its pivot, and the direction from
        the pivot to its centre, -pi/2 to pi/2: of equally full ones the first.
    """
    pairs = cKDTree(points[rows]).sparse_distance_matrix(tree, 2.0 * radius, output_type="ndarray")
    offset = points[pairs["j"]] - points[rows[pairs["i"]]]
    towards = np.arctan2(offset[:, 1], offset[:, 0])
    # The circle holds a neighbour while its centre is at most this angle from its direction.
    half = np.arccos(np.minimum(pairs["v"] / (2.0 * radius), 1.0))
    here = pairs["v"] == 0.0
    enters = np.where(here, -np.pi / 2, np.maximum(towards - half, -np.pi / 2))
    leaves = np.where(here, np.pi / 2, np.minimum(towards + half, np.pi / 2))
    held = enters <= leaves

    # One sorted list serves all pivots: each has its own range of keys.
    base = _TURN * pairs["i"][held]
    enters = np.sort(base + enters[held])
    leaves = np.sort(base + leaves[held])
    counts = np.arange(1, len(enters) + 1) - np.searchsorted(leaves, enters, side="left")
    best = int(counts.argmax())
    place = int((enters[best] + _TURN / 2) // _TURN)
    # Half way to the next event no point lies on the border by accident of rounding.
    last = float(leaves[np.searchsorted(leaves, enters[best], side="left")])
    angle = (float(enters[best]) + last) / 2 - _TURN * place
    return int(counts[best]), int(rows[place]), angle
