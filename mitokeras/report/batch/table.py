"""The slides of an output folder as a CSV table."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from mitokeras.counting.atypical import Estimate
from mitokeras.counting.prediction import Prediction
from mitokeras.report.batch.row import Row
from mitokeras.report.csv_text import csv_text, harmless
from mitokeras.report.slide.words import spacing_origin, warnings_of
from mitokeras.text import printable

COLUMNS = (
    "slide",
    "status",
    "reason",
    "figures",
    "expected_false",
    "tissue_mm2",
    "per_mm2",
    "hotspot_figures",
    "ten_fields_figures",
    "field_diameter_mm",
    "mitotic_score",
    "no_score",
    "warnings",
    "spacing_um_px",
    "spacing_source",
    "model",
    "classifier_threshold",
    "false_per_mm2",
    "report",
)

ATYPICAL_COLUMNS = (
    "atypical",
    "atypical_share",
    "atypical_share_low",
    "atypical_share_high",
    "atypical_corrected",
    "atypical_corrected_low",
    "atypical_corrected_high",
)
"""After the others, where a model of a slide tells atypical figures from normal ones."""


def summary_table(rows: Sequence[Row]) -> bytes:
    """Write one row a slide, and one of names on top.

    `status` is "done" or "failed", with the reason. A number that was not measured or cannot be
    given is an empty cell. Warnings are parted by semicolons. Where a model tells atypical figures,
    the last columns have their number and share, see `Atypical`, each with its 95 % interval.

    Returns:
        UTF-8, commas, decimal points.
    """
    if not any(row.prediction and row.prediction.atypical for row in rows):
        return csv_text(COLUMNS, (_cells(row) for row in rows))
    cells = ([*_cells(row), *_atypical(row.prediction)] for row in rows)
    return csv_text(COLUMNS + ATYPICAL_COLUMNS, cells)


def _atypical(prediction: Prediction | None) -> list[Any]:
    atypical = None if prediction is None else prediction.atypical
    if atypical is None:
        return [None] * len(ATYPICAL_COLUMNS)
    return [atypical.figures, *_share(atypical.called), *_share(atypical.corrected)]


def _share(estimate: Estimate | None) -> list[str | None]:
    if estimate is None:
        return [None] * 3
    return [f"{value:.4f}" for value in (estimate.share, estimate.low, estimate.high)]


def _cells(row: Row) -> list[Any]:
    if row.prediction is None:
        return [harmless(row.name), "failed", harmless(row.failure), *[None] * (len(COLUMNS) - 3)]
    report = harmless(printable(row.report))
    return [harmless(row.name), "done", None, *_counts(row.prediction), report]


def _counts(prediction: Prediction) -> list[Any]:
    count, image, model = prediction.count, prediction.image, prediction.model
    return [
        count.figures,
        None if count.false is None else f"{count.false.expected:.4g}",
        f"{count.tissue_mm2:.4f}",
        None if count.per_mm2 is None else f"{count.per_mm2:.4f}",
        count.hotspot.figures if count.hotspot else 0,
        count.ten_fields.figures if count.ten_fields else 0,
        f"{count.field_diameter_mm:g}",
        count.score,
        count.no_score,
        harmless("; ".join(warnings_of(prediction))),
        repr(image.spacing_um_px),
        harmless(spacing_origin(image)),
        harmless(model.name),
        repr(model.classifier_threshold),
        None if prediction.false_per_mm2 is None else f"{prediction.false_per_mm2:.4g}",
    ]
