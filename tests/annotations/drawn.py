"""What the tests of the writers derive their values from by hand."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from mitokeras.counting.prediction import Prediction
from mitokeras.review.review import Review
from mitokeras.slides.image_reader import ImageSlide
from mitokeras.verdicts.finding import find_predicted
from tests.predictions import EVIL, detection, prediction
from tests.review.slides import write_predicted

FOUND = (detection(10, 20, 0.9), detection(30.25, 40.125, 0.2))
"""One accepted, one rejected."""

RADIUS_PX = (3191.5382, 3185.1679)
"""Of the hotspot of 2 mm2: sqrt(2 / pi) = 0.797885 mm by 0.25 and 0.2505 um."""


def plain(corner: tuple[int, int] = (0, 0)) -> Prediction:
    """Of a slide with signs in its name, on which the tissue is smaller than the hotspot."""
    slide = ImageSlide(
        np.zeros((480, 640, 3), np.uint8), (0.25, 0.2505), "openslide.mpp-x", "leica"
    )
    slide.scan_corner = corner
    return prediction(FOUND, slide, name=EVIL, tissue_mm2=1.0)  # type: ignore[arg-type]


def judged(folder: Path, name: str = "P1.tif", unsure: bool = True) -> Path:
    """Write a slide, four candidates and anna's verdicts; gives the folder of predictions.

    The first, at (100, 80), is an atypical mitosis, the second at (300, 200) none, the third at
    (500, 300) unsure or none, the fourth at (200, 400) a mitosis, and one is added at
    (600.25, 450.5).
    """
    out = write_predicted(folder, name)
    (slide,) = (each.slide for each in find_predicted(out, None) if each.name == name)
    assert slide is not None
    review = Review(slide, "anna")
    review.judge(1, "mitosis", True)
    review.judge(2, "not mitosis", False)
    review.judge(3, "unsure" if unsure else "not mitosis", False)
    review.judge(4, "mitosis", False)
    review.add(600.25, 450.5)
    return out
