"""The candidates of a slide as a CSV table, for spreadsheets, pandas and R."""

from __future__ import annotations

import csv
import io
import re

from mitokeras.counting.prediction import Detection, Prediction
from mitokeras.report.slide.words import spacing_origin

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
)

_FORMULA = re.compile(r"^(?=[\t\r\n])|(?:^|(?<=[;\t\r\n]))(?=[=+\-@\uff1d\uff0b\uff0d\uff20])")
"""Where a formula may begin: also after what parts cells in many countries, and with signs in the
full width of East Asian keyboards, which spreadsheets read as the others."""


def prediction_table(prediction: Prediction) -> bytes:
    """Write one row a candidate, rejected ones as well, and one of names on top.

    `x_px` and `y_px` are pixels of level 0, the centre of the top left one at (0, 0); `x_um` and
    `y_um` are micrometres from the left and upper border of the image. `candidate` is the number
    that the other outputs give it. The image, its spacing and where that comes from stand in each
    row, so that tables of several slides can be put together; so do the threshold of stage 2 and
    the false figures per mm2 that the model has at it, empty where that was not measured.

    Returns:
        UTF-8, commas, decimal points.
    """
    image = prediction.image
    name, source = _harmless(image.name), _harmless(spacing_origin(image))
    model = _harmless(prediction.model.name)
    rate = prediction.false_per_mm2
    at = (repr(prediction.model.classifier_threshold), "" if rate is None else f"{rate:.4g}")
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    table.writerow(COLUMNS)
    for number, detection in enumerate(prediction.detections, start=1):
        cells = _cells(detection, image.pixel_um)
        table.writerow([name, number, *cells, repr(image.spacing_um_px), source, model, *at])
    return text.getvalue().encode("utf-8")


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


def _harmless(text: str) -> str:
    """Put a quote before what a spreadsheet would take for a formula."""
    return _FORMULA.sub("'", text)
