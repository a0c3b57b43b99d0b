"""Candidates of stage 1 and their labels, after figure 5 of the SCMitosis paper."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.figure import Figure

from mitokeras.report.colours import GREEN, GREY, VERMILION
from mitokeras.report.numbers import number_text
from mitokeras.report.run.crops import (
    CELL_IN,
    MARGIN_IN,
    WIDTH_IN,
    Cell,
    draw_grid,
    grid_height_in,
)
from mitokeras.report.run.scale_bar import bare_length_um
from mitokeras.report.run.style import headline, house_style, new_figure, text_at

COLUMNS = 5
"""Crops side by side in each of the two columns of the figure."""

MOST = 30
HEADER_IN = 0.8
COLUMN_TITLE_IN = 0.35
GAP_IN = 0.3
"""Between the two columns."""


@dataclass(frozen=True, eq=False)
class ScoredCrop:
    """A candidate of stage 1.

    Attributes:
        image: Square crop about it, RGB, uint8.
        segmenter_score: 0 to 1.
    """

    image: np.ndarray
    segmenter_score: float


@dataclass(frozen=True, eq=False)
class Column:
    """The candidates of one label.

    Attributes:
        shown: The surest of them, at most `MOST`, highest score first.
        count: How many there are.
    """

    shown: Sequence[ScoredCrop]
    count: int


def candidates_figure(figures: Column, others: Column, title: str, spacing_um_px: float) -> Figure:
    """Draw mitotic figures in the left column and the others in the right.

    Args:
        figures: Candidates whose label is mitotic figure.
        others: Those whose label is not.
        title: Plain text.
        spacing_um_px: Size of a pixel of the crops.
    """
    columns = (("Mitotic figures", GREEN, figures), ("No mitotic figures", VERMILION, others))
    crops = [*figures.shown, *others.shown]
    most = max(len(figures.shown), len(others.shown))
    top = HEADER_IN + COLUMN_TITLE_IN
    with house_style():
        figure = new_figure(WIDTH_IN + GAP_IN, top + grid_height_in(most, COLUMNS))
        headline(figure, MARGIN_IN, title)
        note = "None: stage 1 found no candidate."
        if crops:
            side_um = len(crops[0].image) * spacing_um_px
            note = (
                f"Crops of {side_um:g} µm (bar {bare_length_um(side_um):g} µm) with the score of "
                "stage 1, highest first."
            )
        text_at(figure, MARGIN_IN, 0.45, note)
        for place, (name, colour, own) in enumerate(columns):
            left = MARGIN_IN + place * (COLUMNS * CELL_IN + GAP_IN)
            shown = len(own.shown)
            count = f"{shown} of {own.count}" if shown < own.count else f"{shown}"
            style = {"fontweight": "bold", "fontsize": 10} if shown else {"color": GREY}
            text_at(figure, left, HEADER_IN, f"{name}: {count}", **style)
            cells = [Cell(one.image, number_text(one.segmenter_score), colour) for one in own.shown]
            if cells:
                draw_grid(figure, top, cells, side_um, left, COLUMNS)
        return figure
