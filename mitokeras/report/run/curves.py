"""Curves of a run: losses over the epochs, precision against recall, and FROC."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, FuncFormatter, MaxNLocator

from mitokeras.report.colours import BLUE, GREEN, GREY, INK, VERMILION
from mitokeras.report.numbers import number_text
from mitokeras.report.run.style import house_style, new_figure, save_png

ISO_F1 = (0.2, 0.4, 0.6, 0.8, 0.9)
CURVE_LOOKS = ((VERMILION, "--"), (BLUE, "-"), (GREEN, "-."), (INK, ":"))
STAGES = ("segmenter", "classifier")
SCORES = (("val_precision", BLUE, "--"), ("val_recall", VERMILION, "-."), ("val_f1", INK, "-"))


@dataclass(frozen=True, eq=False)
class Curve:
    """How a detector does as one threshold moves; all arrays of shape (n,).

    Attributes:
        thresholds: Rising or falling.
        precision: 0 to 1; NaN where nothing is detected.
        recall: 0 to 1.
        fp_per_mm2: False positives a square millimetre.
        operating_point: Index of the threshold that the run works with.
    """

    thresholds: np.ndarray
    precision: np.ndarray
    recall: np.ndarray
    fp_per_mm2: np.ndarray
    operating_point: int


def loss_curves(history: Sequence[Mapping[str, Any]], path: Path) -> None:
    """Draw losses and validation scores of both stages over their epochs, as a PNG.

    Args:
        history: One row an epoch with `stage` ("segmenter" or "classifier"), `epoch`, `loss`,
            `val_loss`, `val_precision`, `val_recall` and `val_f1`; None or NaN where undefined.
        path: The PNG file.
    """
    save_png(_loss_figure(history), path)


def precision_recall_curve(curves: Mapping[str, Curve], path: Path) -> None:
    """Draw precision against recall over lines of equal F1, one curve a name, as a PNG."""
    save_png(_precision_recall_figure(curves), path)


def froc_curve(curves: Mapping[str, Curve], path: Path) -> None:
    """Draw recall against false positives a square millimetre, one curve a name, as a PNG.

    The horizontal axis is logarithmic, and linear below its smallest power of ten so that no
    false positives at all have a place as well.
    """
    save_png(_froc_figure(curves), path)


def _loss_figure(history: Sequence[Mapping[str, Any]]) -> Figure:
    stages = [stage for stage in STAGES if any(row["stage"] == stage for row in history)]
    with house_style():
        figure = new_figure(5.0 * max(1, len(stages)), 5.6)
        if not stages:
            figure.text(0.5, 0.5, "No epoch was finished", ha="center", color=GREY)
            return figure
        panels = figure.subplots(2, len(stages), squeeze=False, sharex="col")
        for column, stage in enumerate(stages):
            rows = [row for row in history if row["stage"] == stage]
            epochs = [row["epoch"] for row in rows]
            best = _best_epoch(rows)
            top, bottom = panels[:, column]
            _lines(top, epochs, rows, (("loss", BLUE, "-"), ("val_loss", VERMILION, "--")))
            _lines(bottom, epochs, rows, SCORES)
            top.set_title(f"Stage {STAGES.index(stage) + 1}: {stage}", pad=24.0)
            top.set_ylim(bottom=0.0)
            top.margins(y=0.1)
            bottom.set_ylim(0.0, 1.02)
            bottom.set_xlabel("Epoch")
            bottom.xaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))
            _mark_best(top, bottom, rows, best)
        panels[0, 0].set_ylabel("Loss")
        panels[1, 0].set_ylabel("Validation score")
        figure.tight_layout(h_pad=0.8, w_pad=2.0)
        return figure


def _lines(
    axes: Axes,
    epochs: list[int],
    rows: Sequence[Mapping[str, Any]],
    keys: Sequence[tuple[str, str, str]],
) -> None:
    names = {"loss": "training", "val_loss": "validation", "val_f1": "F1"}
    for key, colour, dashes in keys:
        values = [_number(row.get(key)) for row in rows]
        name = names.get(key, key.removeprefix("val_"))
        # A single epoch is a point, which a line without marker would not show.
        marker = "o" if len(rows) == 1 else None
        axes.plot(epochs, values, dashes, color=colour, label=name, marker=marker, markersize=4)


def _best_epoch(rows: Sequence[Mapping[str, Any]]) -> int | None:
    """Index of the row with the highest F1 or, where F1 is nowhere defined, the lowest loss."""
    for key, sign in (("val_f1", -1.0), ("val_loss", 1.0)):
        values = [_number(row.get(key)) * sign for row in rows]
        defined = [index for index, value in enumerate(values) if math.isfinite(value)]
        if defined:
            return min(defined, key=values.__getitem__)
    return None


def _mark_best(
    top: Axes, bottom: Axes, rows: Sequence[Mapping[str, Any]], best: int | None
) -> None:
    if best is not None:
        epoch, f1 = rows[best]["epoch"], _number(rows[best].get("val_f1"))
        for axes in (top, bottom):
            axes.axvline(epoch, color=GREY, linewidth=1.2, linestyle=":", zorder=0)
        label = f"best epoch, {epoch}"
        if math.isfinite(f1):
            label += f": F1 {f1:.3f}"
            bottom.plot([epoch], [f1], "o", color=INK, markersize=5, zorder=5)
        top.plot([], [], ":", color=GREY, linewidth=1.2, label=label)
    for axes in (top, bottom):
        _legend_outside(axes, "lower left", (0.0, 1.0))


def _number(value: float | None) -> float:
    return math.nan if value is None else float(value)


def _precision_recall_figure(curves: Mapping[str, Curve]) -> Figure:
    with house_style():
        figure = new_figure(5.6, 5.6)
        axes = figure.subplots()
        for f1 in ISO_F1:
            # Precision of this F1 at a recall: p = f r / (2 r - f).
            x = np.linspace(f1 / (2.0 - f1), 1.0, 400)
            y = f1 * x / (2.0 * x - f1)
            axes.plot(x, y, color=GREY, linewidth=0.7, alpha=0.6, zorder=1)
            axes.annotate(
                f"F1 {f1:.1f}",
                (1.0, y[-1]),
                xytext=(3, 0),
                textcoords="offset points",
                color=GREY,
                fontsize=7.5,
                va="center",
                annotation_clip=False,
            )
        for (name, curve), look in zip(curves.items(), cycle(CURVE_LOOKS), strict=False):
            precision, recall, _ = _at_operating_point(curve)
            label = f"precision {precision}, recall {recall}"
            _draw_curve(axes, curve.recall, curve.precision, name, curve, label, look)
        axes.set(xlim=(0.0, 1.0), ylim=(0.0, 1.02), xlabel="Recall", ylabel="Precision")
        axes.set_title("Precision and recall")
        axes.set_aspect("equal")
        axes.grid(False)
        _legend_outside(axes, "upper left", (0.0, -0.12))
        figure.tight_layout()
        return figure


def _froc_figure(curves: Mapping[str, Curve]) -> Figure:
    with house_style():
        figure = new_figure(6.2, 4.6)
        axes = figure.subplots()
        for (name, curve), look in zip(curves.items(), cycle(CURVE_LOOKS), strict=False):
            _, recall, rate = _at_operating_point(curve)
            label = f"recall {recall} at {rate} per mm²"
            _draw_curve(axes, curve.fp_per_mm2, curve.recall, name, curve, label, look)
        _scale_false_positives(axes, curves)
        axes.set(ylim=(0.0, 1.02), ylabel="Recall")
        axes.set_xlabel("False positives per mm²")
        axes.set_title("Recall at a given rate of false positives (FROC)")
        _legend_outside(axes, "upper left", (0.0, -0.15))
        figure.tight_layout()
        return figure


def _scale_false_positives(axes: Axes, curves: Mapping[str, Curve]) -> None:
    rates = np.concatenate([np.zeros(0), *(curve.fp_per_mm2 for curve in curves.values())])
    rates = rates[np.isfinite(rates) & (rates > 0)]
    lowest, highest = (rates.min(), rates.max()) if len(rates) else (0.1, 10.0)
    first = max(math.floor(math.log10(lowest)), math.ceil(math.log10(highest)) - 5)
    last = max(math.ceil(math.log10(highest)), first + 1)
    linear = 10.0**first
    axes.set_xscale("symlog", linthresh=linear, linscale=0.5)
    axes.set_xlim(0.0, 10.0**last)
    powers = range(first, last + 1)
    axes.xaxis.set_major_locator(FixedLocator([0.0, *(10.0**power for power in powers)]))
    minor = [step * 10.0**power for power in range(first, last) for step in range(2, 10)]
    axes.xaxis.set_minor_locator(FixedLocator(minor))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))


def _legend_outside(axes: Axes, corner: str, anchor: tuple[float, float]) -> None:
    """Put the legend in one row above or below the axes, where it can hide no curve."""
    axes.legend(
        loc=corner,
        bbox_to_anchor=anchor,
        ncols=4,
        borderaxespad=0.2,
        columnspacing=1.4,
        handlelength=2.4,
        handletextpad=0.5,
    )


def _draw_curve(
    axes: Axes,
    x: np.ndarray,
    y: np.ndarray,
    name: str,
    curve: Curve,
    scores: str,
    look: tuple[str, str],
) -> None:
    colour, dashes = look
    index = curve.operating_point
    label = f"{name}, threshold {curve.thresholds[index]:.2f}\n{scores}"
    axes.plot(x, y, dashes, color=colour)
    dot: dict[str, Any] = {"color": colour, "markersize": 7, "markeredgecolor": "white"}
    axes.plot([x[index]], [y[index]], "o", clip_on=False, zorder=5, **dot)
    # The legend shows line and point as one entry.
    axes.plot([], [], dashes, marker="o", label=label, **dot)


def _at_operating_point(curve: Curve) -> tuple[str, str, str]:
    index = curve.operating_point
    return (
        number_text(curve.precision[index]),
        number_text(curve.recall[index]),
        number_text(curve.fp_per_mm2[index]),
    )
