"""The candidates of a slide as a CSV table, for spreadsheets, pandas and R."""

from __future__ import annotations

from mitokeras.counting.atypical import Subtyping
from mitokeras.counting.prediction import Detection, Prediction
from mitokeras.report.csv_text import csv_text, harmless
from mitokeras.report.slide.words import spacing_origin, warnings_of

COLUMNS = (
    "image",
    "candidate",
    "x_px",
    "y_px",
    "x_um",
    "y_um",
    "area_um2",
    "segmenter_score",
    "classifier_score",
    "accepted",
    "spacing_um_px",
    "spacing_source",
    "model",
    "classifier_threshold",
    "false_per_mm2",
    "warnings",
)

ATYPICAL_COLUMNS = ("atypical_score", "subtype", "atypical_threshold")
"""After the others, where the model tells atypical figures from normal ones."""


def prediction_table(prediction: Prediction) -> bytes:
    """Write one row a candidate, rejected ones as well, and one of names on top.

    `x_px` and `y_px` are pixels of level 0, the centre of the top left one at (0, 0); `x_um` and
    `y_um` are micrometres from the left and upper border of the image. `candidate` is the number
    that the other outputs give it. The image, its spacing and where that comes from stand in each
    row, so that tables of several slides can be put together; so do the threshold of stage 2 and
    the false figures per mm2 that the model has at it, empty where that was not measured, and the
    warnings of the slide, parted by semicolons. Where the model tells atypical figures, the last
    columns have the probability by stage 3, what it takes the figure for, and from which
    probability on; the first two are empty for a candidate that is not accepted.

    Returns:
        UTF-8, commas, decimal points.
    """
    image = prediction.image
    rate = prediction.false_per_mm2
    same = (
        repr(image.spacing_um_px),
        harmless(spacing_origin(image)),
        harmless(prediction.model.name),
        repr(prediction.model.classifier_threshold),
        None if rate is None else f"{rate:.4g}",
        harmless("; ".join(warnings_of(prediction))),
    )
    name = harmless(image.name)
    subtyping = prediction.model.subtyping
    rows = (
        [name, number, *_cells(detection, image.pixel_um), *same, *_subtype(detection, subtyping)]
        for number, detection in enumerate(prediction.detections, start=1)
    )
    return csv_text(COLUMNS + ATYPICAL_COLUMNS if subtyping else COLUMNS, rows)


def _subtype(detection: Detection, subtyping: Subtyping | None) -> list[str | None]:
    if subtyping is None:
        return []
    score = detection.atypical_score
    text = None if score is None else f"{score:.6f}"
    return [text, detection.subtype or None, repr(subtyping.threshold)]


def _cells(detection: Detection, pixel_um: tuple[float, float]) -> list[str]:
    width_um, height_um = pixel_um
    return [
        f"{detection.x:.2f}",
        f"{detection.y:.2f}",
        f"{(detection.x + 0.5) * width_um:.2f}",
        f"{(detection.y + 0.5) * height_um:.2f}",
        f"{detection.area_um2:.2f}",
        f"{detection.segmenter_score:.6f}",
        f"{detection.classifier_score:.6f}",
        str(detection.accepted).lower(),
    ]
