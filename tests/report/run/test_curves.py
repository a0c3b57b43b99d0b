import math
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.colors import to_hex

from mitokeras.report.colours import BLUE, VERMILION
from mitokeras.report.numbers import UNDEFINED
from mitokeras.report.run.curves import (
    Curve,
    froc_figure,
    loss_figure,
    precision_recall_figure,
)
from mitokeras.report.run.style import save_png


def epoch_row(stage: str, epoch: int, f1: float | None, loss: float = 0.5) -> dict[str, Any]:
    return {
        "stage": stage,
        "epoch": epoch,
        "loss": loss,
        "val_loss": loss + 0.1,
        "val_precision": f1,
        "val_recall": f1,
        "val_f1": f1,
        "learning_rate": 1e-4,
        "seconds": 1.0,
    }


HISTORY = [
    epoch_row("segmenter", 1, None, 0.9),
    epoch_row("segmenter", 2, 0.4, 0.6),
    epoch_row("segmenter", 3, 0.3, 0.5),
    epoch_row("classifier", 1, 0.7, 0.4),
    epoch_row("classifier", 2, 0.8, 0.3),
]

CURVES = {
    "stage 1": Curve(
        thresholds=np.array([0.2, 0.5, 0.8]),
        precision=np.array([0.25, 0.5, np.nan]),
        recall=np.array([1.0, 0.75, 0.0]),
        fp_per_mm2=np.array([120.0, 30.0, 0.0]),
        operating_point=1,
    ),
    "both stages": Curve(
        thresholds=np.array([0.1, 0.6, 0.9]),
        precision=np.array([0.6, 0.9, 1.0]),
        recall=np.array([0.75, 0.7, 0.2]),
        fp_per_mm2=np.array([20.0, 2.5, 0.0]),
        operating_point=1,
    ),
}


def legend_texts(axes: Axes) -> list[str]:
    return [text.get_text() for text in axes.get_legend().get_texts()]


def points_of(axes: Axes) -> dict[str, tuple[float, float]]:
    """Colour and place of the points that are marked: all of a line or one."""
    return {
        to_hex(line.get_color()): tuple(line.get_xydata()[line.get_markevery() or [0]][0])
        for line in axes.lines
        if line.get_marker() == "o"
    }


def test_loss_figure_has_a_column_for_each_stage_and_marks_its_best_epoch() -> None:
    figure = loss_figure(HISTORY)
    top_1, top_2, bottom_1, bottom_2 = figure.axes
    assert top_1.get_title(loc="left") == "Stage 1: segmenter"
    assert top_2.get_title(loc="left") == "Stage 2: classifier"
    assert legend_texts(top_1) == ["training", "validation", "best epoch, 2: F1 0.400"]
    assert legend_texts(top_2)[-1] == "best epoch, 2: F1 0.800"
    assert legend_texts(bottom_1) == ["precision", "recall", "F1"]
    assert (2, 0.4) in points_of(bottom_1).values()
    assert (2, 0.8) in points_of(bottom_2).values()
    training = top_1.lines[0]
    assert list(training.get_xdata()) == [1, 2, 3]
    assert list(training.get_ydata()) == [0.9, 0.6, 0.5]


def test_loss_figure_without_scores_marks_the_lowest_validation_loss() -> None:
    history = [epoch_row("segmenter", epoch, math.nan, 1.0 / epoch) for epoch in (1, 2, 3)]
    (top, _) = loss_figure(history).axes
    assert legend_texts(top)[-1] == "best epoch, 3"


def test_loss_figure_of_no_epoch_says_so() -> None:
    figure = loss_figure([])
    assert [text.get_text() for text in figure.texts] == ["No epoch was finished"]


def test_precision_recall_figure_marks_operating_points_and_equal_f1() -> None:
    (axes,) = precision_recall_figure(CURVES).axes
    assert points_of(axes) == {VERMILION.lower(): (0.75, 0.5), BLUE.lower(): (0.7, 0.9)}
    assert legend_texts(axes) == [
        "stage 1, threshold 0.5\nprecision 0.50, recall 0.75",
        "both stages, threshold 0.6\nprecision 0.90, recall 0.70",
    ]
    texts = [text.get_text() for text in axes.texts]
    assert texts == ["F1 0.2", "F1 0.4", "F1 0.6", "F1 0.8", "F1 0.9"]
    for line, f1 in zip(axes.lines, (0.2, 0.4, 0.6, 0.8, 0.9), strict=False):
        recall, precision = line.get_xdata(), line.get_ydata()
        np.testing.assert_allclose(2 * precision * recall / (precision + recall), f1)


def test_froc_figure_marks_operating_points_on_a_scale_that_holds_zero() -> None:
    (axes,) = froc_figure(CURVES).axes
    assert points_of(axes) == {VERMILION.lower(): (30.0, 0.75), BLUE.lower(): (2.5, 0.7)}
    assert legend_texts(axes)[0] == "stage 1, threshold 0.5\nrecall 0.75 at 30.00 per mm²"
    assert axes.get_xlim() == (0.0, 1000.0)
    assert list(axes.get_xticks()) == [0.0, 1.0, 10.0, 100.0, 1000.0]


@pytest.mark.parametrize("rates", [[0.0, 0.0], [np.nan, np.nan], [3.0, 3.0]])
def test_froc_figure_of_a_constant_rate(rates: list[float], tmp_path: Path) -> None:
    curve = Curve(np.array([0.1, 0.5]), np.ones(2), np.ones(2), np.array(rates), 0)
    save_png(froc_figure({"stage 1": curve}), tmp_path / "froc.png")
    assert cv2.imread(str(tmp_path / "froc.png")) is not None


def test_an_undefined_operating_point_is_a_dash() -> None:
    nothing = Curve(np.array([0.9]), np.array([np.nan]), np.array([0.0]), np.array([0.0]), 0)
    (axes,) = precision_recall_figure({"stage 1": nothing}).axes
    assert legend_texts(axes) == [f"stage 1, threshold 0.9\nprecision {UNDEFINED}, recall 0.00"]


def test_the_files_are_pngs_and_nothing_else_is_left(tmp_path: Path) -> None:
    save_png(loss_figure(HISTORY), tmp_path / "losses.png")
    save_png(precision_recall_figure(CURVES), tmp_path / "pr.png")
    save_png(froc_figure(CURVES), tmp_path / "froc.png")
    widths = {path.name: cv2.imread(str(path)).shape[1] for path in tmp_path.iterdir()}
    assert widths == {"losses.png": 2000, "pr.png": 1120, "froc.png": 1240}
