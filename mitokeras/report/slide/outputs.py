"""The files that a prediction is written to, by name."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property
from typing import NamedTuple

import numpy as np

from mitokeras.counting.prediction import Prediction
from mitokeras.errors import ConfigError
from mitokeras.report.page import jpeg
from mitokeras.report.slide.geojson import geojson
from mitokeras.report.slide.grand_challenge import multiple_points
from mitokeras.report.slide.overlay import LONGEST_PX, marked, numbered, overlay_png
from mitokeras.report.slide.page import prediction_page
from mitokeras.report.slide.table import prediction_table
from mitokeras.report.slide.views import View, shrunk, whole_slide
from mitokeras.slides import Slide

THUMBNAIL_PX = 320
"""Longer side of the picture of a slide in a list of many, twice as large as it is shown."""


class Subject:
    """A prediction and its slide, whose whole is read and drawn once for all outputs."""

    def __init__(self, prediction: Prediction, slide: Slide) -> None:
        self.prediction = prediction
        self.slide = slide

    @cached_property
    def whole(self) -> View:
        return whole_slide(self.slide, LONGEST_PX)

    @cached_property
    def whole_marked(self) -> np.ndarray:
        return marked(self.whole, self.prediction)

    @cached_property
    def whole_numbered(self) -> np.ndarray:
        return numbered(self.whole_marked, self.whole, self.prediction)


class Output(NamedTuple):
    """One kind of output.

    Attributes:
        file_name: Name of the file.
        write: Gives its content.
    """

    file_name: str
    write: Callable[[Subject], bytes]


OUTPUTS = {
    "csv": Output("detections.csv", lambda of: prediction_table(of.prediction)),
    "geojson": Output("detections.geojson", lambda of: geojson(of.prediction)),
    "geojson-atypical": Output(
        "detections_atypical.geojson", lambda of: geojson(of.prediction, atypical_class=True)
    ),
    "grand-challenge": Output("points.json", lambda of: multiple_points(of.prediction)),
    "overlay": Output(
        "overlay.png", lambda of: overlay_png(of.whole, of.whole_numbered, of.prediction)
    ),
    "html": Output(
        "report.html",
        lambda of: prediction_page(of.prediction, of.slide, of.whole, of.whole_numbered),
    ),
    "thumbnail": Output("thumbnail.jpg", lambda of: jpeg(shrunk(of.whole_marked, THUMBNAIL_PX))),
}

DEFAULT_OUTPUTS = tuple(name for name in OUTPUTS if name != "geojson-atypical")
"""What is written unless something else is asked for: existing projects know no other class."""


def render(prediction: Prediction, slide: Slide, outputs: Sequence[str]) -> dict[str, bytes]:
    """Give the contents of the chosen outputs; the same prediction and slide give the same bytes.

    Args:
        prediction: What was found.
        slide: Where it was found, still open.
        outputs: Names in `OUTPUTS`.

    Returns:
        By file name.

    Raises:
        ConfigError: A name is unknown.
        DataError: The slide is damaged where it is read.
    """
    unknown = [name for name in outputs if name not in OUTPUTS]
    if unknown:
        raise ConfigError(f"unknown output '{unknown[0]}'. Known: {', '.join(OUTPUTS)}")
    subject = Subject(prediction, slide)
    return {OUTPUTS[name].file_name: OUTPUTS[name].write(subject) for name in outputs}
