"""The reviewed figures of a slide as a CSV table."""

from __future__ import annotations

from mitokeras.report.csv_text import csv_text, harmless
from mitokeras.report.slide.words import spacing_origin
from mitokeras.review.corrected import Corrected, Figure
from mitokeras.review.results.words import caveats, micrometres, share_text

COLUMNS = (
    "image",
    "candidate",
    "x_px",
    "y_px",
    "x_um",
    "y_um",
    "model_score",
    "model_accepted",
    "verdict",
    "atypical",
    "added",
    "in_region",
    "counted",
    "reviewer",
    "reviewed",
    "spacing_um_px",
    "spacing_source",
    "model",
    "classifier_threshold",
    "warnings",
)

ATYPICAL_COLUMNS = ("model_atypical_score", "atypical_threshold")
"""After the others, where the model tells atypical figures from normal ones."""


def reviewed_table(corrected: Corrected) -> bytes:
    """Write one row a candidate or added figure, and one of names on top.

    `candidate` is the number in the model's outputs, empty for an added figure, as its score is.
    Places are as in the model's `detections.csv`. Who has looked at how much stands in each row.
    `atypical` is the reader's word; the model's stands in the last columns, where it has one.

    Returns:
        UTF-8, commas, decimal points.
    """
    same = (
        harmless(corrected.reviewer),
        harmless(share_text(corrected)),
        repr(corrected.image.spacing_um_px),
        harmless(spacing_origin(corrected.image)),
        harmless(corrected.model.name),
        repr(corrected.threshold),
        harmless("; ".join(caveats(corrected))),
    )
    name = harmless(corrected.image.name)
    rows = ([name, *_cells(figure, corrected), *same] for figure in corrected.figures)
    if (subtyping := corrected.model.subtyping) is None:
        return csv_text(COLUMNS, rows)
    scores = (_number(figure.atypical_score) for figure in corrected.figures)
    ends = ([score, repr(subtyping.threshold)] for score in scores)
    both = ([*row, *end] for row, end in zip(rows, ends, strict=True))
    return csv_text(COLUMNS + ATYPICAL_COLUMNS, both)


def _cells(figure: Figure, corrected: Corrected) -> list[object]:
    x_um, y_um = micrometres(figure, corrected.image)
    return [
        figure.candidate,
        f"{figure.x:.2f}",
        f"{figure.y:.2f}",
        f"{x_um:.2f}",
        f"{y_um:.2f}",
        _number(figure.model_score),
        _truth(figure.model_accepted),
        figure.word,
        _truth(figure.atypical),
        _truth(figure.candidate is None),
        _truth(figure.inside),
        _truth(figure.counted),
    ]


def _number(score: float | None) -> str | None:
    return None if score is None else f"{score:.6f}"


def _truth(value: bool) -> str:
    return str(value).lower()
