"""A slide in memory and what might be found on it, for the tests of the outputs."""

from __future__ import annotations

import cv2
import numpy as np

from mitokeras.counting.atypical import Subtyping, atypical_share
from mitokeras.counting.prediction import (
    Detection,
    ImageFacts,
    ModelFacts,
    Prediction,
    count_accepted,
)
from mitokeras.slides.image_reader import ImageSlide

EVIL = "a \"b\" <script>alert(1)</script> & 'ü' 病例.svs"
OVERRIDE = "--spacing-um-px"

MEASURED = Subtyping(threshold=0.5, chosen="by hand", sensitivity=0.75, specificity=0.85)
"""Of a stage 3 whose errors were measured."""


class WatchedSlide(ImageSlide):
    """A slide that refuses windows beyond its border and counts how often it is read."""

    overviews = 0
    largest = 0

    def read(self, x: int, y: int, width: int, height: int) -> np.ndarray:
        assert x >= 0 and y >= 0 and width > 0 and height > 0
        assert x + width <= self.width and y + height <= self.height
        self.largest = max(self.largest, width * height)
        return super().read(x, y, width, height)

    def overview(self, shrink: int) -> np.ndarray:
        self.overviews += 1
        height, width = -(-self.height // shrink), -(-self.width // shrink)
        image = super().read(0, 0, self.width, self.height)
        return cv2.resize(image, (width, height), interpolation=cv2.INTER_AREA)


def slide(
    width: int = 640, height: int = 480, spacing_um_px: float | tuple[float, float] = 0.25
) -> WatchedSlide:
    """Pink, with a dark disc where `detection` lies by default."""
    image = np.full((height, width, 3), (225, 170, 200), dtype=np.uint8)
    cv2.circle(image, (100, 80), 16, (60, 20, 90), -1)
    return WatchedSlide(image, spacing_um_px, "openslide.mpp-x", "aperio")


def detection(
    x: float = 100.0,
    y: float = 80.0,
    score: float = 0.9,
    radius: float = 16.0,
    atypical_score: float | None = None,
) -> Detection:
    """Accepted from 0.5 on, called atypical likewise; its outline is a diamond."""
    subtype = (
        {}
        if atypical_score is None
        else {
            "atypical_score": atypical_score,
            "subtype": "atypical" if atypical_score >= 0.5 else "normal",
        }
    )
    outline = ((x, y - radius), (x + radius, y), (x, y + radius), (x - radius, y))
    return Detection(
        x=x,
        y=y,
        area_um2=2 * (radius * 0.25) ** 2,
        segmenter_score=0.75,
        classifier_score=score,
        accepted=score >= 0.5,
        **subtype,
        outline=outline,
    )


def prediction(
    found: tuple[Detection, ...],
    on: ImageSlide,
    *,
    name: str = "slide.svs",
    source: str = "openslide.mpp-x",
    tissue_mm2: float = 3.0,
    field_diameter_mm: float = 0.55,
    false_per_mm2: float | None = 0.01,
    subtyping: Subtyping | None = None,
) -> Prediction:
    """What a model would say that found these."""
    figures = [one for one in found if one.accepted]
    called = sum(one.subtype == "atypical" for one in figures)
    return Prediction(
        mitokeras="0.1.0",
        image=ImageFacts(
            name=name,
            width_px=on.width,
            height_px=on.height,
            spacing_um_px=on.spacing_um_px,
            pixel_um=on.pixel_um,
            scan_corner_px=on.scan_corner,
            spacing_source=source,
            format=on.format,
        ),
        model=ModelFacts(
            name="edge-tflite",
            segmenter_sha256="a1" * 32,
            classifier_sha256="b2" * 32,
            spacing_um_px=0.25,
            segmenter_threshold=0.55,
            classifier_threshold=0.5,
            subtyper_sha256="c3" * 32 if subtyping else None,
            subtyping=subtyping,
        ),
        tiles=12,
        tiles_skipped=5,
        count=count_accepted(found, on.pixel_um, tissue_mm2, field_diameter_mm, false_per_mm2),
        atypical=atypical_share(called, len(figures), subtyping) if subtyping else None,
        detections=found,
    )
