"""Curves of a run: losses over the epochs, precision against recall, and FROC."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import cycle
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from mitokeras.report.colours import BLUE, GREEN, GREY, INK, VERMILION
from mitokeras.report.numbers import number_text
from mitokeras.report.run.style import house_style, new_figure
from mitokeras.runners.runner import ROLES

ISO_F1 = (0.2, 0.4, 0.6, 0.8, 0.9)
CURVE_LOOKS = ((VERMILION, "--"), (BLUE, "-"), (GREEN, "-."), (INK, ":"))
RATES = ("precision", "recall", "fp_per_mm2")
LOSSES = (("loss", "training", BLUE, "-"), ("val_loss", "validation", VERMILION, "--"))
SCORES = (
    ("val_precision", "precision", BLUE, "--"),
    ("val_recall", "recall", VERMILION, "-."),
    ("val_f1", "F1", INK, "-"),
)

Rows = Sequence[Mapping[str, Any]]


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


def loss_figure(history: Rows) -> Figure:
    """Draw losses and validation scores of both stages over their epochs.

    Args:
        history: One row an epoch with `stage` ("segmenter" or "classifier"; "classifier-2" for a
            member of an ensemble), `epoch`, `loss`, `val_loss`, `val_precision`, `val_recall` and
            `val_f1`; None or NaN where undefined.
    """
    stages = list(dict.fromkeys(str(row["stage"]) for row in history))
    with house_style():
        figure = new_figure(5.0 * max(1, len(stages)), 5.6)
        if not stages:
            figure.text(0.5, 0.5, "No epoch was finished", ha="center", color=GREY)
            return figure
        panels = figure.subplots(2, len(stages), squeeze=False, sharex="col")
        for (top, bottom), stage in zip(panels.T, stages, strict=True):
            rows = [row for row in history if row["stage"] == stage]
            _lines(top, rows, LOSSES)
            _lines(bottom, rows, SCORES)
            _mark_best(top, bottom, rows)
            role, _, _ = stage.partition("-")
            number = list[str](ROLES).index(role) + 1
            top.set_title(f"Stage {number}: {stage}", pad=24.0)
            top.set_ylim(bottom=0.0)
            top.margins(y=0.1)
            bottom.set(ylim=(0.0, 1.02), xlabel="Epoch")
            bottom.xaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))
            for axes in (top, bottom):
                _legend_outside(axes, "lower left", (0.0, 1.0))
        panels[0, 0].set_ylabel("Loss")
        panels[1, 0].set_ylabel("Validation score")
        figure.tight_layout(h_pad=0.8, w_pad=2.0)
        return figure


def _lines(axes: Axes, rows: Rows, looks: Sequence[tuple[str, str, str, str]]) -> None:
    epochs = [row["epoch"] for row in rows]
    for key, name, colour, dashes in looks:
        # A single epoch is a point, which a line without marker would not show.
        marker = "o" if len(rows) == 1 else None
        values = _values(rows, key)
        axes.plot(epochs, values, dashes, color=colour, label=name, marker=marker, markersize=4)


def _values(rows: Rows, key: str) -> np.ndarray:
    """Shape (n,); NaN where undefined."""
    return np.array([row.get(key) for row in rows], dtype=float)


def _mark_best(top: Axes, bottom: Axes, rows: Rows) -> None:
    """Mark the epoch with the highest F1 or, where F1 is nowhere defined, the lowest loss."""
    scores, losses = _values(rows, "val_f1"), _values(rows, "val_loss")
    ranks = scores if np.isfinite(scores).any() else -losses
    if not np.isfinite(ranks).any():
        return
    best = int(np.argmax(np.where(np.isfinite(ranks), ranks, -np.inf)))
    epoch, f1 = rows[best]["epoch"], scores[best]
    for axes in (top, bottom):
        axes.axvline(epoch, color=GREY, linewidth=1.2, linestyle=":", zorder=0)
    label = f"best epoch, {epoch}"
    if math.isfinite(f1):
        label += f": F1 {f1:.3f}"
        bottom.plot([epoch], [f1], "o", color=INK, markersize=5, zorder=5)
    top.plot([], [], ":", color=GREY, linewidth=1.2, label=label)


def precision_recall_figure(curves: Mapping[str, Curve]) -> Figure:
    """Draw precision against recall over lines of equal F1, one curve a name."""
    with house_style():
        figure = new_figure(5.6, 5.6)
        axes = figure.subplots()
        for f1 in ISO_F1:
            # Precision of this F1 at a recall: p = f r / (2 r - f).
            x = np.linspace(f1 / (2.0 - f1), 1.0, 400)
            y = f1 * x / (2.0 * x - f1)
            axes.plot(x, y, color=GREY, linewidth=0.7, alpha=0.6, zorder=1)
            axes.text(1.01, y[-1], f"F1 {f1:.1f}", color=GREY, fontsize=7.5, va="center")
        scores = "precision {precision}, recall {recall}"
        _draw_curves(axes, curves, "recall", "precision", scores)
        axes.set(xlim=(0.0, 1.0), ylim=(0.0, 1.02), xlabel="Recall", ylabel="Precision")
        axes.set_title("Precision and recall")
        axes.set_aspect("equal")
        axes.grid(False)
        _legend_outside(axes, "upper left", (0.0, -0.12))
        figure.tight_layout()
        return figure


def froc_figure(curves: Mapping[str, Curve]) -> Figure:
    """Draw recall against false positives a square millimetre, one curve a name.

    The horizontal axis is logarithmic, and linear below its smallest power of ten so that no
    false positives at all have a place as well.
    """
    with house_style():
        figure = new_figure(6.2, 4.6)
        axes = figure.subplots()
        scores = "recall {recall} at {fp_per_mm2} per mm²"
        _draw_curves(axes, curves, "fp_per_mm2", "recall", scores)
        _scale_false_positives(axes, curves)
        axes.set(ylim=(0.0, 1.02), ylabel="Recall", xlabel="False positives per mm²")
        axes.set_title("Recall at a given rate of false positives (FROC)")
        _legend_outside(axes, "upper left", (0.0, -0.15))
        figure.tight_layout()
        return figure


def _draw_curves(axes: Axes, curves: Mapping[str, Curve], x: str, y: str, scores: str) -> None:
    """Draw one array of the curves against another, with a mark at the operating points.

    `scores` says in the legend what is reached there: arrays of the curves in braces.
    """
    for (name, curve), (colour, dashes) in zip(curves.items(), cycle(CURVE_LOOKS), strict=False):
        at = curve.operating_point
        reached = {rate: number_text(getattr(curve, rate)[at]) for rate in RATES}
        axes.plot(
            getattr(curve, x), getattr(curve, y), dashes, color=colour, clip_on=False,
            marker="o", markevery=[at], markersize=7, markeredgecolor="white",
            label=f"{name}, threshold {curve.thresholds[at]:g}\n{scores.format_map(reached)}",
        )  # fmt: skip


def _scale_false_positives(axes: Axes, curves: Mapping[str, Curve]) -> None:
    rates = np.concatenate([np.zeros(0), *(curve.fp_per_mm2 for curve in curves.values())])
    rates = rates[np.isfinite(rates) & (rates > 0)]
    lowest, highest = (rates.min(), rates.max()) if len(rates) else (0.1, 10.0)
    first = max(math.floor(math.log10(lowest)), math.ceil(math.log10(highest)) - 5)
    last = max(math.ceil(math.log10(highest)), first + 1)
    axes.set_xscale("symlog", linthresh=10.0**first, linscale=0.5, subs=range(2, 10))
    axes.set_xlim(0.0, 10.0**last)
    axes.xaxis.set_major_formatter("{x:g}")


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
