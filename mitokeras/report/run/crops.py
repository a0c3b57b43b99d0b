"""Enlarged crops in a grid, each with a coloured frame and a caption."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.figure import Figure

from mitokeras.report.colours import INK
from mitokeras.report.run.scale_bar import bare_bar
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


def grid_height_in(count: int, columns: int = COLUMNS) -> float:
    """Height of a grid of so many cells; a narrow margin where there is none."""
    return math.ceil(count / columns) * CELL_HEIGHT_IN or 0.1


def draw_grid(
    figure: Figure,
    top_in: float,
    cells: Sequence[Cell],
    side_um: float,
    left_in: float = MARGIN_IN,
    columns: int = COLUMNS,
) -> None:
    """Lay the cells out row by row, each with a scale bar.

    Args:
        figure: Drawn into.
        top_in: Inches from the top of the figure.
        cells: The crops.
        side_um: Edge of a crop.
        left_in: Inches from the left of the figure.
        columns: Cells of a row.
    """
    for index, cell in enumerate(cells):
        row, column = divmod(index, columns)
        left = left_in + column * CELL_IN
        axes = axes_at(figure, left, top_in + row * CELL_HEIGHT_IN, CROP_IN, CROP_IN)
        axes.imshow(cell.image, interpolation="bicubic")
        bare_bar(axes, side_um)
        axes.set(xticks=[], yticks=[])
        for spine in axes.spines.values():
            spine.set(visible=True, edgecolor=cell.frame, linewidth=cell.frame_width)
        axes.set_xlabel(cell.caption, fontsize=6.8, color=INK, labelpad=3.0, linespacing=1.25)
