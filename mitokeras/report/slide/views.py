"""Pictures of a slide: the whole of it, a part of it, and a crop about one cell."""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np

from mitokeras.counting.hotspot import Circle
from mitokeras.slides import Slide

_BAND_PIXELS = 32_000_000
"""Pixels of level 0 read at once for a region; bounds the memory."""


@dataclass(frozen=True, eq=False)
class View:
    """A picture of a part of a slide, and where it lies.

    Attributes:
        image: RGB, uint8, shape (height, width, 3).
        left: Its left border, pixels of level 0.
        top: Its upper border, pixels of level 0.
        shrink: Side of the square of level 0 that a pixel stands for, pixels.
        pixel_um: Width and height of a pixel of level 0.
    """

    image: np.ndarray
    left: int
    top: int
    shrink: int
    pixel_um: tuple[float, float]

    @property
    def um_px(self) -> float:
        """Size of a pixel of the picture."""
        return sum(self.pixel_um) / 2 * self.shrink

    def place(self, x: float, y: float) -> tuple[float, float]:
        """Bring a point of level 0 to the picture; in both, pixel centres are at whole numbers."""
        return (
            (x + 0.5 - self.left) / self.shrink - 0.5,
            (y + 0.5 - self.top) / self.shrink - 0.5,
        )

    def place_mm(self, x_mm: float, y_mm: float) -> tuple[float, float]:
        """Bring a point in millimetres from the slide's upper left corner to the picture."""
        width_um, height_um = self.pixel_um
        return self.place(x_mm * 1000 / width_um - 0.5, y_mm * 1000 / height_um - 0.5)

    def shows_border(self, circle: Circle) -> bool:
        """Whether the circle, which overlaps the picture, does not cover all of it."""
        x, y = self.place_mm(circle.x_mm, circle.y_mm)
        height, width = self.image.shape[:2]
        farthest = math.hypot(max(x + 0.5, width - x - 0.5), max(y + 0.5, height - y - 0.5))
        return farthest > self.radius(circle)

    def radius(self, circle: Circle) -> float:
        """Radius of a circle, pixels of the picture."""
        return 1000 * math.sqrt(circle.area_mm2 / math.pi) / self.um_px


def whole_slide(slide: Slide, longest_px: int) -> View:
    """See the whole slide, its longer side at most `longest_px`; a smaller one is not enlarged.

    Raises:
        DataError: The file is damaged.
    """
    shrink = math.ceil(max(slide.width, slide.height) / longest_px)
    return View(slide.overview(shrink), 0, 0, shrink, slide.pixel_um)


def shrunk(image: np.ndarray, longest_px: int) -> np.ndarray:
    """Shrink a picture until its longer side has so many pixels; a smaller one stays as it is."""
    height, width = image.shape[:2]
    factor = longest_px / max(height, width)
    if factor >= 1:
        return image
    size = (max(1, round(width * factor)), max(1, round(height * factor)))
    return cv2.resize(image, size, interpolation=cv2.INTER_AREA)


def region(slide: Slide, x_mm: float, y_mm: float, side_mm: float, longest_px: int) -> View:
    """See a square about a point as far as it lies on the slide, enlarged to `longest_px` at most.

    Args:
        slide: Where from.
        x_mm: Centre, from the slide's left border; the square must reach the slide.
        y_mm: Centre, from its upper border.
        side_mm: Side of the square.
        longest_px: Longest side of the picture.

    Raises:
        DataError: The file is damaged there.
    """
    width_mm, height_mm = (side_um / 1000 for side_um in slide.pixel_um)
    left = max(0, math.floor((x_mm - side_mm / 2) / width_mm))
    top = max(0, math.floor((y_mm - side_mm / 2) / height_mm))
    right = min(slide.width, math.ceil((x_mm + side_mm / 2) / width_mm))
    bottom = min(slide.height, math.ceil((y_mm + side_mm / 2) / height_mm))
    shrink = math.ceil(max(right - left, bottom - top) / longest_px)
    # Whole squares of `shrink` pixels, save where there is less than one.
    width = (right - left) // shrink * shrink or right - left
    height = (bottom - top) // shrink * shrink or bottom - top
    rows = max(1, _BAND_PIXELS // (width * shrink)) * shrink
    bands = []
    for start in range(0, height, rows):
        band = slide.read(left, top + start, width, min(rows, height - start))
        size = (max(1, width // shrink), max(1, band.shape[0] // shrink))
        bands.append(cv2.resize(band, size, interpolation=cv2.INTER_AREA))
    return View(np.concatenate(bands), left, top, shrink, slide.pixel_um)


def crop(slide: Slide, x: float, y: float, side_um: float, side_px: int) -> np.ndarray:
    """See the square about one cell, enlarged; white where it reaches over the slide's border.

    Args:
        slide: Where from.
        x: Centre, pixels of level 0.
        y: Centre.
        side_um: Side of the square.
        side_px: Side of the picture.

    Returns:
        RGB, uint8, shape (side_px, side_px, 3).

    Raises:
        DataError: The file is damaged there.
    """
    side = max(1, round(side_um / slide.spacing_um_px))
    left, top = round(x + 0.5 - side / 2), round(y + 0.5 - side / 2)
    picture = np.full((side, side, 3), 255, dtype=np.uint8)
    x0, x1 = max(left, 0), min(left + side, slide.width)
    y0, y1 = max(top, 0), min(top + side, slide.height)
    if x0 < x1 and y0 < y1:
        window = slide.read(x0, y0, x1 - x0, y1 - y0)
        picture[y0 - top : y1 - top, x0 - left : x1 - left] = window
    method = cv2.INTER_AREA if side > side_px else cv2.INTER_CUBIC
    return cv2.resize(picture, (side_px, side_px), interpolation=method)
