"""A field with its true, false and missed detections, and an enlarged crop of each."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from matplotlib import patheffects
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Circle

from mitokeras.detect.candidates import cut_crops
from mitokeras.report.colours import FAINT, GREEN, GREY, INK, VERMILION, YELLOW
from mitokeras.report.numbers import number_text
from mitokeras.report.run.crops import MARGIN_IN, WIDTH_IN, Cell, draw_grid, grid_height_in
from mitokeras.report.run.scale_bar import bare_length_um, labelled_bar
from mitokeras.report.run.style import axes_at, headline, house_style, new_figure, text_at

Kind = Literal["true_positive", "false_positive", "missed", "rejected"]

LOOKS: dict[Kind, tuple[str, str, str]] = {
    "missed": (YELLOW, "-", "missed"),
    "false_positive": (VERMILION, "-", "false positive"),
    "true_positive": (GREEN, "-", "true positive"),
    "rejected": (FAINT, "--", "rejected by stage 2"),
}

CROP_UM = 24.0
"""Side of a crop: a mitotic figure, 8 to 15 um wide, and what lies around it."""

MARK_UM = 8.0
"""Least radius of a circle, so that the figure inside can be seen."""

MAX_CROPS = 60
HEADER_IN = 0.85


@dataclass(frozen=True)
class MarkedPoint:
    """A detection or a truth that was compared with the other side.

    Attributes:
        x: Centre, pixels.
        y: Centre, pixels.
        kind: "true_positive" and "false_positive" are accepted detections, "missed" is a truth
            that none of them hit, "rejected" a candidate that stage 2 turned down.
        segmenter_score: Score of stage 1, 0 to 1; None for a truth that is no candidate.
        classifier_score: Score of stage 2, 0 to 1; None where it did not see the candidate.
    """

    x: float
    y: float
    kind: Kind
    segmenter_score: float | None = None
    classifier_score: float | None = None


def overlay_figure(
    image: np.ndarray,
    points: Sequence[MarkedPoint],
    *,
    title: str,
    spacing_um_px: float,
    radius_px: float,
) -> Figure:
    """Draw a field with its marked points and, below, a crop of each.

    Errors come first, and numbers tie the crops to the circles. Beyond `MAX_CROPS` crops the
    last ones are left out, which the figure says. After figures 9 and 11 of the SCMitosis paper.

    Args:
        image: RGB, uint8, shape (height, width, 3).
        points: Detections and truths in this field.
        title: Plain text.
        spacing_um_px: Size of a pixel, micrometres.
        radius_px: Radius within which a detection counts as a hit; that of the circles where it
            is larger than `MARK_UM` and 1 % of the field's width.
    """
    numbered = [point for kind in LOOKS for point in points if point.kind == kind != "rejected"]
    shown = numbered[:MAX_CROPS]
    height, width = image.shape[:2]
    field_width = WIDTH_IN - 2 * MARGIN_IN
    field_height = field_width * height / width
    grid_top = HEADER_IN + field_height + 0.45
    with house_style():
        figure = new_figure(WIDTH_IN, grid_top + grid_height_in(len(shown)))
        headline(figure, MARGIN_IN, title)
        _legend(figure, points)
        axes = axes_at(figure, MARGIN_IN, HEADER_IN, field_width, field_height)
        axes.imshow(image, interpolation="bicubic")
        axes.axis("off")
        labelled_bar(axes, width, spacing_um_px)
        radius = max(radius_px, MARK_UM / spacing_um_px, 0.01 * width)
        for point in points:
            if point.kind == "rejected":
                _draw_circle(axes, point, radius, None)
        for number, point in enumerate(numbered, start=1):
            _draw_circle(axes, point, radius, number)
        half_px = max(4, round(CROP_UM / spacing_um_px / 2))
        side_um = 2 * half_px * spacing_um_px
        stages = "scores of stage 1 and stage 2" if _judged(points) else "score of stage 1"
        grid_title = _grid_title(len(shown), len(numbered), side_um, stages)
        text_at(figure, MARGIN_IN, grid_top - 0.32, grid_title)
        crops = _crops(image, shown, half_px)
        cells = list(map(_cell, crops, shown, itertools.count(1)))
        draw_grid(figure, grid_top, cells, side_um)
        return figure


def _crops(image: np.ndarray, points: Sequence[MarkedPoint], half_px: int) -> np.ndarray:
    """Squares about the points, white where they reach over the border."""
    framed = np.pad(image, ((half_px, half_px), (half_px, half_px), (0, 0)), constant_values=255)
    centres = np.array([(point.x, point.y) for point in points]).reshape(-1, 2)
    return cut_crops(framed, centres + half_px, 2 * half_px)


def _draw_circle(axes: Axes, point: MarkedPoint, radius: float, number: int | None) -> None:
    colour, dashes, _ = LOOKS[point.kind]
    width = 1.1 if point.kind == "rejected" else 2.3
    halo = [patheffects.withStroke(linewidth=width + 1.6, foreground=INK, alpha=0.75)]
    circle = Circle((point.x, point.y), radius, fill=False, edgecolor=colour, linewidth=width)
    circle.set(linestyle=dashes, path_effects=halo)
    axes.add_patch(circle)
    if number is not None:
        # To the upper right, or to the left where the border is near.
        right = point.x < axes.get_xlim()[1] - 4 * radius
        label = axes.text(
            point.x + radius * (0.85 if right else -0.85),
            max(point.y - 0.85 * radius, 2 * radius),
            str(number),
            color="white",
            fontsize=9,
            fontweight="bold",
            ha="left" if right else "right",
            va="bottom",
        )
        label.set_path_effects([patheffects.withStroke(linewidth=2.4, foreground=INK)])


def _legend(figure: Figure, points: Sequence[MarkedPoint]) -> None:
    handles = []
    for kind in ("true_positive", "false_positive", "missed", "rejected"):
        if kind == "rejected" and not _judged(points):
            continue
        colour, dashes, name = LOOKS[kind]
        count = sum(point.kind == kind for point in points)
        handle = Line2D([], [], color=colour, linestyle=dashes, linewidth=3.0)
        handle.set_label(f"{name}: {count}")
        handle.set_path_effects([patheffects.withStroke(linewidth=4.4, foreground=GREY)])
        handles.append(handle)
    top = 1.0 - 0.42 / figure.get_size_inches()[1]
    left = (MARGIN_IN - 0.05) / WIDTH_IN
    anchor = {"loc": "upper left", "bbox_to_anchor": (left, top), "borderaxespad": 0.2}
    figure.legend(
        handles=handles, ncols=4, fontsize=9.5, columnspacing=1.8, handlelength=2.6, **anchor
    )


def _judged(points: Sequence[MarkedPoint]) -> bool:
    """Whether stage 2 has seen the candidates, as far as there are any."""
    candidates = [point for point in points if point.segmenter_score is not None]
    return not candidates or any(point.classifier_score is not None for point in candidates)


def _grid_title(shown: int, numbered: int, side_um: float, stages: str) -> str:
    if not numbered:
        return "No figure was detected or missed in this field."
    more = f"; {numbered - shown} more are only in the field" if numbered > shown else ""
    size = f"each {side_um:.0f} µm wide (bar {bare_length_um(side_um):g} µm)"
    return f"Enlarged, {size}, with the {stages}{more}"


def _cell(crop: np.ndarray, point: MarkedPoint, number: int) -> Cell:
    colour, _, name = LOOKS[point.kind]
    scores = "not a candidate"
    if point.segmenter_score is not None:
        scores = number_text(point.segmenter_score)
        if point.classifier_score is not None:
            scores += f"   {number_text(point.classifier_score)}"
    return Cell(crop, f"{number}  {name}\n{scores}", colour)
