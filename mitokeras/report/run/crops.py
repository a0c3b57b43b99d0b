"""Enlarged crops in a grid, each with a coloured frame and a caption."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from matplotlib.figure import Figure

from mitokeras.report.colours import INK
from mitokeras.report.run.style import axes_at

WIDTH_IN = 10.0
MARGIN_IN = 0.2
COLUMNS = 10
CELL_IN = (WIDTH_IN - 2 * MARGIN_IN) / COLUMNS
CROP_IN = 0.88
CELL_HEIGHT_IN = CROP_IN + 0.44


@dataclass(frozen=True, eq=False)
class Cell:
    """One crop of the grid.

    Attributes:
        image: RGB, uint8, square.
        caption: Two short lines under the crop.
        frame: Colour of the frame.
        frame_width: Points.
    """

    image: np.ndarray
    caption: str
    frame: str
    frame_width: float = 2.5


def crop_around(image: np.ndarray, x: float, y: float, side_px: int) -> np.ndarray:
    """Cut a square out of an image, white where it reaches over the border.

    Args:
        image: RGB, uint8, shape (height, width, 3).
        x: Centre, pixels; may lie outside the image.
        y: Centre, pixels.
        side_px: Width and height of the crop.
    """
    left, top = round(x - side_px / 2), round(y - side_px / 2)
    height, width = image.shape[:2]
    inside = image[
        min(max(top, 0), height) : min(max(top + side_px, 0), height),
        min(max(left, 0), width) : min(max(left + side_px, 0), width),
    ]
    crop = np.full((side_px, side_px, 3), 255, dtype=np.uint8)
    if inside.size:
        row, column = max(-top, 0), max(-left, 0)
        crop[row : row + inside.shape[0], column : column + inside.shape[1]] = inside
    return crop


def grid_height_in(count: int) -> float:
    return math.ceil(count / COLUMNS) * CELL_HEIGHT_IN


def draw_grid(figure: Figure, top_in: float, cells: Sequence[Cell]) -> None:
    """Lay the cells out row by row, from `top_in` inches below the top of the figure."""
    pixels = round(CROP_IN * figure.dpi)
    for index, cell in enumerate(cells):
        row, column = divmod(index, COLUMNS)
        left = MARGIN_IN + column * CELL_IN
        axes = axes_at(figure, left, top_in + row * CELL_HEIGHT_IN, CROP_IN, CROP_IN)
        enlarged = cv2.resize(cell.image, (pixels, pixels), interpolation=cv2.INTER_CUBIC)
        axes.imshow(enlarged, interpolation="nearest")
        axes.set(xticks=[], yticks=[])
        for spine in axes.spines.values():
            spine.set(visible=True, edgecolor=cell.frame, linewidth=cell.frame_width)
        axes.set_xlabel(cell.caption, fontsize=6.8, color=INK, labelpad=3.0, linespacing=1.25)
