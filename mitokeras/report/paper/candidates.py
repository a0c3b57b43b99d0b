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


@dataclass(frozen=True, eq=False)
class LabelledCandidate:
    """A candidate of stage 1.

    Attributes:
        image: Square crop about it, RGB, uint8.
        segmenter_score: 0 to 1.
        is_figure: Its label.
    """

    image: np.ndarray
    segmenter_score: float
    is_figure: bool


def candidates_figure(
    candidates: Sequence[LabelledCandidate], title: str, spacing_um_px: float
) -> Figure:
    """Draw mitotic figures in the left column and the others in the right, surest first.

    Args:
        candidates: All of one size.
        title: Plain text.
        spacing_um_px: Size of a pixel of the crops.
    """
    ranked = sorted(candidates, key=lambda one: -one.segmenter_score)
    columns = (
        ("Mitotic figures", GREEN, [one for one in ranked if one.is_figure]),
        ("No mitotic figures", VERMILION, [one for one in ranked if not one.is_figure]),
    )
    most = max(min(MOST, len(own)) for _, _, own in columns)
    top = HEADER_IN + COLUMN_TITLE_IN
    with house_style():
        figure = new_figure(WIDTH_IN, top + grid_height_in(most, COLUMNS))
        headline(figure, MARGIN_IN, title)
        note = "None: stage 1 found no candidate."
        if candidates:
            side_um = len(candidates[0].image) * spacing_um_px
            note = (
                f"Crops of {side_um:g} µm (bar {bare_length_um(side_um):g} µm) with the score of "
                "stage 1, highest first."
            )
        text_at(figure, MARGIN_IN, 0.45, note)
        for place, (name, colour, own) in enumerate(columns):
            left = MARGIN_IN + place * COLUMNS * CELL_IN
            shown = own[:MOST]
            count = f"{len(shown)} of {len(own)}" if len(shown) < len(own) else f"{len(own)}"
            style = {"fontweight": "bold", "fontsize": 10} if own else {"color": GREY}
            text_at(figure, left, HEADER_IN, f"{name}: {count}", **style)
            cells = [Cell(one.image, number_text(one.segmenter_score), colour) for one in shown]
            if cells:
                draw_grid(figure, top, cells, side_um, left, COLUMNS)
        return figure
