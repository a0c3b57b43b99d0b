"""Fields that are cut out of a slide, about what is labelled of it.

No tissue is in two of them. Where a seam has to be, an object just beyond it belongs to the other
field, and nothing is known there in this one.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from mitokeras.data.fields import Field, Mark, Window
from mitokeras.data.known import KNOWN_RADIUS_UM
from mitokeras.data.on_image import check_area, check_places

SURROUNDINGS_UM = 64.0
"""So much tissue is about everything that is labelled: 256 px at 40x. A patch of 128 px that is
shifted by a quarter, turned and shrunk reaches 150 px far."""

LARGEST_UM = 1024.0
"""Edge of a field, 4096 px at 40x, of 48 MiB; what is labelled in one piece over more is parted."""

CELL_UM = 16.0
"""Fields begin and end at multiples of it."""

KINDS = ("figures", "lookalikes", "nuclei", "unsure")
"""Attributes of a `Field` that hold its marks."""


def moved(slide: Field, dx_px: float, dy_px: float) -> Field:
    """The same field with its labels and areas moved."""
    if not (dx_px or dy_px):
        return slide
    corner = np.array([-dx_px, -dy_px])
    marks = {name: tuple(_moved(m, corner) for m in getattr(slide, name)) for name in KINDS}
    labelled = slide.labelled
    if labelled is not None:
        labelled = shapely.transform(labelled, lambda xy: xy - corner)
    return replace(slide, labelled=labelled, **marks)  # type: ignore[arg-type]


def cut(slide: Field, width_px: int, height_px: int) -> list[Field]:
    """The parts of a slide about its labels and labelled areas; itself where it is no larger.

    Args:
        slide: A field of a whole image. What is labelled of it is in `labelled` and its marks.
        width_px: Width of the image.
        height_px: Height of the image.

    Raises:
        DataError: A label or labelled area is beside the image, and would be in no part.
    """
    largest_px = LARGEST_UM / slide.spacing_um_px
    if max(width_px, height_px) <= largest_px:
        return [slide]
    for area in _polygons(slide.labelled):
        check_area(slide.image, area, width_px, height_px)
    kinds = {}
    for name in KINDS:
        kinds[name] = _Marks(getattr(slide, name), slide.image, width_px, height_px)
    return [_part(slide, window, kinds) for window in _windows(slide, width_px, height_px)]


class _Marks:
    """The marks of one kind, and their places, shape (n, 2)."""

    def __init__(self, marks: Sequence[Mark], image: Path, width_px: int, height_px: int) -> None:
        xy = np.array([(mark.x, mark.y) for mark in marks], np.float64).reshape(-1, 2)
        check_places(image, xy, width_px, height_px)
        self._marks = marks
        # On the right and lower edge of the image no pixel begins: such a place is of the last one.
        self._xy = np.minimum(xy, (width_px - 1, height_px - 1))

    def within(self, window: Window, reach_px: float, beyond: bool = False) -> tuple[Mark, ...]:
        """Those in a window and so far about it, or only about it, to its corner."""
        corner, size = np.array(window[:2]), np.array(window[2:])
        own = self._xy - corner
        chosen = _inside(own, size, reach_px)
        if beyond:
            chosen &= ~_inside(own, size, 0.0)
        return tuple(_moved(self._marks[i], corner) for i in np.flatnonzero(chosen).tolist())


def _moved(mark: Mark, corner: np.ndarray) -> Mark:
    x, y = float(mark.x - corner[0]), float(mark.y - corner[1])
    return replace(mark, x=x, y=y, pixels=None if mark.pixels is None else mark.pixels - corner)


def _inside(xy: np.ndarray, size: np.ndarray, reach_px: float) -> np.ndarray:
    corners = xy + 0.5
    return np.asarray(((corners >= -reach_px) & (corners < size + reach_px)).all(axis=1))


def _windows(slide: Field, width_px: int, height_px: int) -> list[Window]:
    """Parts of the slide, none of which overlap, from above to below."""
    cell_px = max(1, round(CELL_UM / slide.spacing_um_px))
    wanted = np.zeros((-(-height_px // cell_px), -(-width_px // cell_px)), np.uint8)
    margin_px = SURROUNDINGS_UM / slide.spacing_um_px
    for left, top, right, bottom in _bounds(slide):
        columns = _cells(left - margin_px, right + margin_px, cell_px)
        rows = _cells(top - margin_px, bottom + margin_px, cell_px)
        wanted[rows, columns] = 1
    largest = max(1, round(LARGEST_UM / slide.spacing_um_px / cell_px))
    windows = []
    for left, top, width, height in _apart(wanted):
        for x, y in _tiles(left, top, width, height, largest):
            tile = wanted[y : min(y + largest, top + height), x : min(x + largest, left + width)]
            if tile.any():
                dx, dy, w, h = cv2.boundingRect(tile)
                windows.append((x + dx, y + dy, w, h))
    return [
        (
            x * cell_px,
            y * cell_px,
            min(w * cell_px, width_px - x * cell_px),
            min(h * cell_px, height_px - y * cell_px),
        )
        for x, y, w, h in sorted(windows, key=lambda each: (each[1], each[0]))
    ]


def _bounds(slide: Field) -> Iterator[tuple[float, float, float, float]]:
    """Rectangles about what is labelled: left, top, right, bottom."""
    yield from (part.bounds for part in _polygons(slide.labelled))
    for mark in (*slide.figures, *slide.lookalikes, *slide.nuclei):
        yield mark.x, mark.y, mark.x, mark.y


def _cells(first_px: float, last_px: float, cell_px: int) -> slice:
    first, last = (math.floor((place_px + 0.5) / cell_px) for place_px in (first_px, last_px))
    return slice(max(0, first), max(0, last + 1))


def _apart(wanted: np.ndarray) -> list[Window]:
    """Rectangles that cover what is wanted and neither overlap nor touch."""
    covered = wanted
    known = 0
    while True:
        number, _, stats, _ = cv2.connectedComponentsWithStats(covered, connectivity=8)
        boxes = [(int(x), int(y), int(w), int(h)) for x, y, w, h, _ in stats[1:]]
        if number == known and sum(w * h for _, _, w, h in boxes) == covered.sum():
            return boxes
        known, covered = number, np.zeros_like(wanted)
        for x, y, width, height in boxes:
            covered[y : y + height, x : x + width] = 1


def _tiles(left: int, top: int, width: int, height: int, largest: int) -> Iterator[tuple[int, int]]:
    for y in range(top, top + height, largest):
        for x in range(left, left + width, largest):
            yield x, y


def _part(slide: Field, window: Window, kinds: Mapping[str, _Marks]) -> Field:
    left, top, width, height = window
    reach_px = KNOWN_RADIUS_UM / slide.spacing_um_px
    inside = {name: marks.within(window, 0.0) for name, marks in kinds.items()}
    unsure = kinds["unsure"].within(window, reach_px)
    for name in ("figures", "lookalikes", "nuclei"):
        unsure += kinds[name].within(window, reach_px, beyond=True)
    labelled = slide.labelled
    if labelled is not None:
        box = shapely.box(left - 0.5, top - 0.5, left + width - 0.5, top + height - 0.5)
        labelled = _areas(shapely.intersection(labelled, box), left, top)
    return replace(
        slide,
        **(inside | {"unsure": unsure}),  # type: ignore[arg-type]
        window=window,
        labelled=labelled,
        complete=slide.complete and (labelled is None or not labelled.is_empty),
    )


def _areas(area: BaseGeometry, left: int, top: int) -> BaseGeometry:
    """The polygons of an area, to the corner of a part."""
    polygons = shapely.MultiPolygon(_polygons(area))
    return shapely.transform(polygons, lambda xy: xy - (left, top))


def _polygons(area: BaseGeometry | None) -> list[BaseGeometry]:
    """The parts of an area, none without one; points and lines have no area."""
    parts: Sequence[BaseGeometry] = [] if area is None else getattr(area, "geoms", [area])
    return [part for part in parts if part.geom_type == "Polygon" and not part.is_empty]
