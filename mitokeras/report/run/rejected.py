"""A sheet of the candidates that stage 2 rejected."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.figure import Figure

from mitokeras.report.colours import FAINT, GREY, VERMILION
from mitokeras.report.numbers import number_text
from mitokeras.report.run.crops import MARGIN_IN, WIDTH_IN, Cell, draw_grid, grid_height_in
from mitokeras.report.run.scale_bar import bare_length_um
from mitokeras.report.run.style import headline, house_style, new_figure, text_at

MAX_CANDIDATES = 60
HEADER_IN = 0.85


@dataclass(frozen=True, eq=False)
class RejectedCandidate:
    """A candidate of stage 1 that stage 2 turned down.

    Attributes:
        image: Square crop about it, RGB, uint8.
        segmenter_score: 0 to 1.
        classifier_score: 0 to 1.
        lost: It was a mitotic figure, so turning it down was wrong.
    """

    image: np.ndarray
    segmenter_score: float
    classifier_score: float
    lost: bool


def rejected_figure(
    candidates: Sequence[RejectedCandidate], title: str, spacing_um_px: float
) -> Figure:
    """Draw a sheet of the rejected candidates, highest score of stage 2 first.

    At most `MAX_CANDIDATES` are shown: all lost mitoses, as far as they fit, then those that
    came nearest to being accepted. After figure 10 of the SCMitosis paper.

    Args:
        candidates: All of one size.
        title: Plain text.
        spacing_um_px: Size of a pixel of the crops.
    """
    by_interest = sorted(candidates, key=lambda one: (not one.lost, -one.classifier_score))
    shown = sorted(by_interest[:MAX_CANDIDATES], key=lambda one: -one.classifier_score)
    with house_style():
        figure = new_figure(WIDTH_IN, HEADER_IN + grid_height_in(len(shown)))
        headline(figure, MARGIN_IN, title)
        if not candidates:
            text_at(figure, MARGIN_IN, 0.45, "None: stage 2 rejected no candidate.", color=GREY)
            return figure
        lost = sum(one.lost for one in candidates)
        count = f"{len(shown)} of {len(candidates)}" if len(shown) < len(candidates) else len(shown)
        note = f"{count} rejected candidates, with the scores of stage 1 and stage 2; "
        side_um = len(shown[0].image) * spacing_um_px
        note += f"orange frame: a lost mitosis ({lost}); bar {bare_length_um(side_um):g} µm"
        text_at(figure, MARGIN_IN, 0.45, note)
        draw_grid(figure, HEADER_IN, [_cell(candidate) for candidate in shown], side_um)
        return figure


def _cell(candidate: RejectedCandidate) -> Cell:
    caption = (
        f"{number_text(candidate.segmenter_score)}   {number_text(candidate.classifier_score)}"
    )
    if candidate.lost:
        return Cell(candidate.image, f"{caption}\nlost mitosis", VERMILION, 3.5)
    return Cell(candidate.image, caption, FAINT, 1.0)
