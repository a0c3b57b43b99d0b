"""The HTML page about one slide: counts, where the figures are, and what they look like."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from mitokeras.counting.atypical import Subtype
from mitokeras.counting.count import HOTSPOT_MM2
from mitokeras.counting.nottingham import FIELDS, cut_offs, field_area_mm2
from mitokeras.counting.prediction import Detection, Prediction
from mitokeras.report.page import data_uri, jpeg, page_templates
from mitokeras.report.slide.atypical_words import (
    atypical_text,
    errors_text,
    interval_text,
)
from mitokeras.report.slide.overlay import marked, numbered
from mitokeras.report.slide.views import View, crop, region
from mitokeras.report.slide.words import (
    NOTICE,
    false_texts,
    known,
    slide_doubts,
    smaller_tissue,
    spacing_origin,
    spacing_overridden,
)
from mitokeras.slides import Slide

CROP_UM = 24.0
"""Side of a crop: a mitotic figure, 8 to 15 um wide, and what lies around it."""

CROP_PX = 240
WIDE_UM = 100.0
"""Side of the wider view."""

WIDE_PX = 600
"""Most pixels of that; at 0.25 um it has 400."""
MAX_FIGURES = 60
"""In a gallery."""

MAX_REJECTED = 30
REGION_PX = 1600
REGION_SHARE = 1.15
"""Side of the enlarged region, by the hotspot's diameter."""


class Cell(NamedTuple):
    """One crop of a gallery.

    Attributes:
        number: Number of the candidate, as in all outputs.
        source: The image, for the page.
        wide: A picture of what lies around it, with its mark.
        left: Its place on the picture of the whole slide, percent of the width.
        top: Likewise, percent of the height.
        detection: What it shows.
    """

    number: int
    source: str
    wide: str
    left: float
    top: float
    detection: Detection


class Gallery(NamedTuple):
    """Accepted figures of one sort.

    Attributes:
        title: What they are.
        cells: At most `MAX_FIGURES`.
        all: How many there are.
    """

    title: str
    cells: list[Cell]
    all: int


TITLES: dict[Subtype, str] = {
    "atypical": "Mitotic figures called atypical",
    "normal": "Mitotic figures called normal",
}


def prediction_page(
    prediction: Prediction, slide: Slide, whole: View, whole_marked: np.ndarray
) -> bytes:
    """Write the page: no script, no network, images inside.

    Args:
        prediction: All texts in it are escaped.
        slide: The slide that it is about.
        whole: The whole slide.
        whole_marked: The same with what was found.

    Raises:
        DataError: The slide is damaged where it is read.
    """
    numbered = list(enumerate(prediction.detections, start=1))
    numbered.sort(key=lambda pair: (-pair[1].classifier_score, pair[0]))
    rejected = [pair for pair in numbered if not pair[1].accepted]
    count = prediction.count
    text = (
        page_templates()
        .get_template("slide/prediction_page.html.jinja")
        .render(
            prediction=prediction,
            image=prediction.image,
            count=count,
            expected=false_texts(count),
            smaller=smaller_tissue(count),
            notice=NOTICE,
            origin=spacing_origin(prediction.image),
            overridden=spacing_overridden(prediction.image),
            doubts=slide_doubts(prediction),
            atypical=prediction.atypical,
            atypical_text=atypical_text(prediction),
            errors_text=errors_text,
            interval=interval_text,
            known=known(prediction.suitability),
            hotspot_mm2=HOTSPOT_MM2,
            ten_fields_mm2=FIELDS * field_area_mm2(count.field_diameter_mm),
            cut_offs=cut_offs(count.field_diameter_mm),
            whole=data_uri(jpeg(whole_marked)),
            circle_seen=count.hotspot is not None and whole.shows_border(count.hotspot),
            hotspot=_hotspot(prediction, slide, whole),
            galleries=_galleries(prediction, slide, whole, numbered),
            near=[_cell(prediction, slide, whole, *pair) for pair in rejected[:MAX_REJECTED]],
            rejected=len(rejected),
            crop_um=CROP_UM,
            wide_um=WIDE_UM,
        )
    )
    return text.encode("utf-8")


def _galleries(
    prediction: Prediction, slide: Slide, whole: View, numbered: list[tuple[int, Detection]]
) -> list[Gallery]:
    """Show the accepted figures; those that are called atypical first, where the model tells."""
    accepted = [pair for pair in numbered if pair[1].accepted]
    if prediction.atypical is None:
        sorts = {"Mitotic figures": accepted}
    else:
        accepted.sort(key=lambda pair: -(pair[1].atypical_score or 0.0))
        sorts = {
            title: [pair for pair in accepted if pair[1].subtype == subtype]
            for subtype, title in TITLES.items()
        }
    return [
        Gallery(
            title,
            [_cell(prediction, slide, whole, *pair) for pair in figures[:MAX_FIGURES]],
            len(figures),
        )
        for title, figures in sorts.items()
        if figures
    ]


def _hotspot(prediction: Prediction, slide: Slide, whole: View) -> str | None:
    """Draw the hotspot enlarged; None where the picture of the whole slide shows as much."""
    circle = prediction.count.hotspot
    if circle is None:
        return None
    side_mm = REGION_SHARE * 2 * math.sqrt(circle.area_mm2 / math.pi)
    part = region(slide, circle.x_mm, circle.y_mm, side_mm, REGION_PX)
    if part.shrink >= whole.shrink:
        return None
    return data_uri(jpeg(numbered(marked(part, prediction), part, prediction)))


def _cell(
    prediction: Prediction, slide: Slide, whole: View, number: int, detection: Detection
) -> Cell:
    x, y = detection.x, detection.y
    width_um, height_um = slide.pixel_um
    place_mm = (x + 0.5) * width_um / 1000, (y + 0.5) * height_um / 1000
    around = region(slide, *place_mm, WIDE_UM / 1000, WIDE_PX)
    left, top = whole.place(x, y)
    height, width = whole.image.shape[:2]
    return Cell(
        number,
        data_uri(jpeg(crop(slide, x, y, CROP_UM, CROP_PX))),
        data_uri(jpeg(marked(around, prediction))),
        100 * (left + 0.5) / width,
        100 * (top + 0.5) / height,
        detection,
    )
