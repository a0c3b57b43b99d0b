"""The figure of an experiment: its rates as bars, and F1 against the number of parameters."""

from __future__ import annotations

import math
import textwrap
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import textalloc
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import EngFormatter, LogLocator, NullLocator

from mitokeras.report.colours import BLUE, GREY, INK, SKY, VERMILION, WHITE
from mitokeras.report.numbers import number_text
from mitokeras.report.run.style import (
    axes_at,
    cut,
    house_style,
    new_figure,
    save_png_and_svg,
    text_at,
)
from mitokeras.reproduce.cells import published_heading
from mitokeras.reproduce.results import ExperimentResult, RowResult
from mitokeras.reproduce.summary import RATES, Summary, status, summary

COLOURS = {"precision": SKY, "recall": BLUE, "f1": VERMILION}
TITLES = {"precision": "precision", "recall": "recall", "f1": "F1"}
WIDTH_IN = 11.0
NAMES_IN, BARS_IN, SCATTER_IN = 1.75, 3.6, 3.3
ROW_IN = 0.52
LEAST_PLOT_IN = 3.3
BELOW_IN = 1.0
LINE_IN = 0.2
TITLE_CHARACTERS = 95
SUBTITLE_CHARACTERS = 150
BAR = 0.24
F1_AT, PUBLISHED_AT = 1.03, 1.18
"""Where the numbers beside the bars stand, in widths of the bars' axes."""

Point = tuple[float, float]


def draw_figure(result: ExperimentResult, folder: Path) -> None:
    """Write TARGET.png and TARGET.svg; the same result, the same bytes.

    Bars are precision, recall and F1 of each row, F1 with its 95 % interval or, with several
    seeds, its standard deviation. Beside them is F1 against parameters, as in the paper's Figure
    6. Hollow diamonds are published numbers.
    """
    with warnings.catch_warnings():
        # A user's row may have a name in a script that the font lacks; a box is drawn instead.
        warnings.filterwarnings("ignore", message=r"Glyph .* missing from font")
        save_png_and_svg(_figure(result), folder / result.target)


def _figure(result: ExperimentResult) -> Figure:
    title = textwrap.wrap(result.title, TITLE_CHARACTERS)
    said = f"{result.stage}, {result.protocol}. Data: {result.data}"
    subtitle = textwrap.wrap(said[:1].upper() + said[1:], SUBTITLE_CHARACTERS)
    top = 0.6 + LINE_IN * (len(title) + len(subtitle))
    height = max(LEAST_PLOT_IN, ROW_IN * len(result.rows))
    with house_style():
        figure = new_figure(WIDTH_IN, top + height + BELOW_IN)
        text_at(figure, 0.2, 0.16, "\n".join(title), fontsize=12, fontweight="bold")
        below_title = 0.2 + 1.15 * LINE_IN * len(title)
        text_at(figure, 0.2, below_title, "\n".join(subtitle), fontsize=8.5, color=GREY)
        left = axes_at(figure, 0.2 + NAMES_IN, top, BARS_IN, height)
        _bars(left, result)
        _legend(figure, result)
        at = WIDTH_IN - SCATTER_IN - 0.2
        right = axes_at(figure, at, top, SCATTER_IN, min(height, 4.6))
        if result.target == "curve":
            _learning_curve(right, result.rows)
        else:
            _scatter(right, result.rows)
    return figure


def _bars(axes: Axes, result: ExperimentResult) -> None:
    rows = result.rows
    axes.set(xlim=(0.0, 1.0), ylim=(len(rows) - 0.45, -0.55), xlabel="Rate")
    axes.grid(False, axis="y")
    axes.set_yticks(range(len(rows)), [textwrap.fill(cut(row.name, 50), 26) for row in rows])
    axes.tick_params(axis="y", length=0)
    beyond = axes.get_yaxis_transform()
    columns = [("F1", F1_AT)]
    if any(row.published for row in rows):
        columns.append(("published", PUBLISHED_AT))
    for text, x in columns:
        axes.text(x, -0.62, text, transform=beyond, fontsize=8.5, color=GREY, va="bottom")
    for place, row in enumerate(rows):
        _row_bars(axes, row, place)
        f1 = summary(row, "f1").value
        look: dict[str, Any] = {"transform": beyond, "fontsize": 8.5, "va": "center"}
        weight = "normal" if f1 is None else "bold"
        axes.text(F1_AT, place, number_text(f1, 3), fontweight=weight, **look)
        if row.published:
            axes.text(PUBLISHED_AT, place, number_text(row.published.f1, 3), color=GREY, **look)


def _row_bars(axes: Axes, row: RowResult, place: int) -> None:
    for index, rate in enumerate(RATES):
        y = place + (index - 1) * (BAR + 0.02)
        found = summary(row, rate)
        if found.value is not None:
            axes.barh(y, found.value, BAR, color=COLOURS[rate])
        if rate == "f1":
            low, high = _spread(found)
            axes.plot(
                [low, high], [y, y], color=INK, linewidth=1.2, marker="|", markersize=5, zorder=4
            )
        stated = getattr(row.published, rate, None)
        if stated is not None:
            _hollow(axes, stated, y, COLOURS[rate])
    if status(row) == "failed":
        axes.text(0.012, place, "failed", fontsize=8.5, color=GREY, va="center")


def _legend(figure: Figure, result: ExperimentResult) -> None:
    several = any(len(row.scores) > 1 for row in result.rows)
    spread = "standard deviation of F1 over the seeds" if several else "95 % interval of F1"
    handles: list[Patch | Line2D] = [
        Patch(color=COLOURS[rate], label=TITLES[rate]) for rate in RATES
    ]
    handles.append(Line2D([], [], color=INK, linewidth=1.2, marker="|", label=spread))
    if any(row.published for row in result.rows):
        handles.append(
            Line2D([], [], marker="D", label=published_heading(result), **_hollow_look(INK))
        )
    figure.legend(
        handles=handles,
        loc="lower left",
        bbox_to_anchor=(0.2 / WIDTH_IN, 0.1 / figure.get_figheight()),
        ncols=len(handles),
        borderaxespad=0.0,
        columnspacing=1.6,
        handlelength=1.6,
    )


def _scatter(axes: Axes, rows: Sequence[RowResult]) -> None:
    """Draw F1 against parameters of the rows that have both."""
    names, points, bars, hollow = [], [], [], []
    axes.set_title("F1 against parameters")
    axes.set(xlabel="Parameters", ylabel="F1")
    for row in rows:
        found = summary(row, "f1")
        if found.value is None or not row.parameters:
            continue
        names.append(cut(row.name, 22))
        points.append((row.parameters, found.value))
        low, high = _spread(found)
        if not math.isnan(low):
            bars.append(np.array([[row.parameters] * 2, [low, high]]))
            axes.plot(*bars[-1], color=GREY, linewidth=1.0, zorder=2)
        axes.plot(*points[-1], "o", color=COLOURS["f1"], markersize=6, markeredgecolor=WHITE)
        if row.published and row.published.f1 is not None:
            hollow.append((row.parameters, row.published.f1))
            _hollow(axes, *hollow[-1], COLOURS["f1"])
    if not points:
        _say_none(axes)
        return
    _scale(axes, [size for size, _ in points])
    _name_points(axes, names, points, hollow, bars)


def _learning_curve(axes: Axes, rows: Sequence[RowResult]) -> None:
    """Draw F1 against the number of training cases."""
    axes.set_title("F1 against training cases")
    points, bars = [], []
    for row in rows:
        found = summary(row, "f1")
        if row.training_cases and found.value is not None:
            points.append((row.training_cases, found.value))
            bars.append(_spread(found))
    if not points:
        _say_none(axes)
        return
    cases, scores = zip(*points, strict=True)
    for count, bar in zip(cases, bars, strict=True):
        axes.plot([count] * 2, bar, color=GREY, linewidth=1.0, zorder=2)
    axes.plot(cases, scores, "o-", color=COLOURS["f1"], markersize=6, markeredgecolor=WHITE)
    axes.set(xlabel="Training cases", ylabel="F1", ylim=(0.0, 1.0), xlim=(0.0, 1.1 * max(cases)))
    axes.set_xticks(cases)


def _say_none(axes: Axes) -> None:
    axes.text(0.5, 0.5, "no measured row", transform=axes.transAxes, ha="center", color=GREY)
    axes.set(xticks=[], yticks=[])


def _name_points(
    axes: Axes,
    names: list[str],
    points: Sequence[Point],
    others: Sequence[Point],
    bars: Sequence[np.ndarray],
) -> None:
    """Write names beside their points, clear of points, bars and each other while there is room."""
    (x, y), (x_kept, y_kept) = np.transpose(points), np.transpose([*points, *others])
    textalloc.allocate(
        axes, x, y, names,
        x_scatter=x_kept, y_scatter=y_kept,
        x_lines=[bar[0] for bar in bars], y_lines=[bar[1] for bar in bars],
        direction=["east", "west", "northeast", "southeast", "northwest", "southwest"],
        min_distance=0.02, max_distance=0.25, textsize=8, textcolor=INK, va="center", zorder=6,
        linecolor=GREY, linewidth=0.6,
    )  # fmt: skip


def _scale(axes: Axes, sizes: Sequence[int]) -> None:
    """Make the numbers of parameters logarithmic, with room for names beside the points."""
    lowest, highest = min(sizes) / 2.5, max(sizes) * 2.5
    low, high = axes.get_ylim()
    axes.set_ylim(max(0.0, low - 0.02), min(1.0, high + 0.02))
    axes.set_xscale("log")
    axes.set_xlim(lowest, highest)
    steps = (1.0, 2.0, 5.0) if highest / lowest < 150 else (1.0,)
    axes.xaxis.set_major_locator(LogLocator(subs=steps))
    axes.xaxis.set_major_formatter(EngFormatter())
    axes.xaxis.set_minor_locator(NullLocator())


def _spread(found: Summary) -> tuple[float, float]:
    """Lowest and highest end of the error bar; NaN where there is none."""
    if found.interval:
        return found.interval
    if found.value is None or found.deviation is None:
        return math.nan, math.nan
    return max(0.0, found.value - found.deviation), min(1.0, found.value + found.deviation)


def _hollow(axes: Axes, x: float, y: float, colour: str) -> None:
    # A white rim sets it off from a bar of its own colour.
    axes.plot([x], [y], "D", color=WHITE, markersize=7.5, zorder=3, clip_on=False)
    axes.plot([x], [y], "D", **_hollow_look(colour), zorder=5, clip_on=False)


def _hollow_look(colour: str) -> dict[str, Any]:
    return {
        "color": "none",
        "markersize": 4.5,
        "markerfacecolor": WHITE,
        "markeredgecolor": colour,
        "markeredgewidth": 1.2,
    }
