"""Rows of two pictures of tissue side by side, as the paper shows its data."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from mitokeras.report.colours import GREY
from mitokeras.report.run.scale_bar import labelled_bar
from mitokeras.report.run.style import axes_at, cut, headline, house_style, new_figure, text_at

WIDTH_IN = 10.0
MARGIN_IN = 0.2
GAP_IN = 0.15
PANEL_IN = (WIDTH_IN - 2 * MARGIN_IN - GAP_IN) / 2
HEADER_IN = 0.85
ROW_TITLE_IN = 0.38
COLUMN_TITLE_IN = 0.28
NAME_CHARACTERS = 110


@dataclass(frozen=True, eq=False)
class PanelRow:
    """Two pictures of the same place.

    Attributes:
        name: Stands above them.
        left: RGB, uint8, shape (height, width, 3).
        right: The same shape.
        spacing_um_px: Size of a pixel.
        mark: Draws on the left and the right picture, if anything.
    """

    name: str
    left: np.ndarray
    right: np.ndarray
    spacing_um_px: float
    mark: Callable[[Axes, Axes], None] = lambda left, right: None


def panels_figure(
    title: str, note: str, columns: tuple[str, str], rows: Sequence[PanelRow]
) -> Figure:
    """Draw the rows one below the other, each picture with its scale bar.

    Args:
        title: Plain text.
        note: One line below it.
        columns: What stands on the left and on the right.
        rows: At least one.
    """
    heights = [PANEL_IN * row.left.shape[0] / row.left.shape[1] for row in rows]
    whole = HEADER_IN + COLUMN_TITLE_IN + sum(heights) + len(rows) * ROW_TITLE_IN + MARGIN_IN
    at = (MARGIN_IN, MARGIN_IN + PANEL_IN + GAP_IN)
    with house_style():
        figure = new_figure(WIDTH_IN, whole)
        headline(figure, MARGIN_IN, title)
        text_at(figure, MARGIN_IN, 0.45, note)
        for left_in, name in zip(at, columns, strict=True):
            text_at(figure, left_in, HEADER_IN, name, fontweight="bold", fontsize=10)
        top = HEADER_IN + COLUMN_TITLE_IN
        for row, height in zip(rows, heights, strict=True):
            text_at(figure, MARGIN_IN, top + 0.14, cut(row.name, NAME_CHARACTERS), color=GREY)
            top += ROW_TITLE_IN
            axes = [axes_at(figure, left_in, top, PANEL_IN, height) for left_in in at]
            for one, image in zip(axes, (row.left, row.right), strict=True):
                one.imshow(image, interpolation="bicubic")
                one.axis("off")
                labelled_bar(one, image.shape[1], row.spacing_um_px)
            row.mark(*axes)
            top += height
        return figure
