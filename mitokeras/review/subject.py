"""A predicted slide that is under review: its folder, its prediction and the slide itself."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np

from mitokeras.counting.prediction import ImageFacts, Prediction
from mitokeras.detect.blank import OVERVIEW_UM_PX
from mitokeras.detect.tissue import tissue_area_mm2, tissue_mask
from mitokeras.errors import DataError
from mitokeras.predict.folder import PREDICTION_FILE, OutputFolder
from mitokeras.review.events import Head, Outline
from mitokeras.review.journal import Journal
from mitokeras.review.regions import covered
from mitokeras.review.reviewer import journal_path
from mitokeras.slides import Slide
from mitokeras.slides.opening import open_slide


@dataclass(frozen=True)
class PredictedSlide:
    """A slide whose prediction lies in a folder; the prediction is read when it is asked for.

    Attributes:
        folder: Of the prediction.
        path: The slide, which is the one that was predicted.
        spacing_um_px: By which the user has overridden the file's, or None.
        stamp: Time and size of the prediction's file.
        image: What was looked at.
        fingerprint: Of the prediction.
        candidates: How many were found.
        figures: How many of them the model counts.
    """

    folder: Path
    path: Path
    spacing_um_px: float | None
    stamp: tuple[int, int]
    image: ImageFacts
    fingerprint: str
    candidates: int
    figures: int

    @cached_property
    def prediction(self) -> Prediction:
        """What was found.

        Raises:
            DataError: Another prediction has taken its place.
        """
        kept = OutputFolder(self.folder).kept()
        self.check_current()
        return kept.prediction

    def check_current(self) -> None:
        """Refuse to go on where another prediction has taken the place of this one.

        Raises:
            DataError: Its file has changed.
        """
        if prediction_stamp(self.folder) != self.stamp:
            raise DataError(
                f"{self.folder / PREDICTION_FILE}: has changed since this review was opened; "
                "start it again"
            )

    def journal(self, reviewer: str) -> Journal:
        image = self.image
        head = Head(
            reviewer=reviewer,
            image=image.name,
            width_px=image.width_px,
            height_px=image.height_px,
        )
        return Journal(journal_path(self.folder, reviewer), head)

    def open(self) -> Slide:
        """Open the slide.

        Raises:
            DataError: It is damaged, or has another size than was predicted.
        """
        slide = open_slide(self.path, self.spacing_um_px)
        image = self.image
        if (slide.width, slide.height) != (image.width_px, image.height_px):
            slide.close()
            raise DataError(
                f"{self.path}: must be the slide that was predicted, of {image.width_px} x "
                f"{image.height_px} px. Received: {slide.width} x {slide.height} px"
            )
        return slide


class Tissue:
    """The tissue of a slide, looked for once."""

    def __init__(self, slide: Slide) -> None:
        self._slide = slide
        self._shrink = max(1, round(OVERVIEW_UM_PX / slide.spacing_um_px))
        self._lock = threading.Lock()

    def area_mm2(self, outlines: tuple[Outline, ...]) -> float:
        """Area of the tissue in a region.

        Raises:
            DataError: The slide is damaged.
        """
        with self._lock:
            mask = self._mask
        inside = mask & covered((mask.shape[0], mask.shape[1]), self._shrink, outlines)
        return tissue_area_mm2(inside, self._spacing_um_px)

    @property
    def _spacing_um_px(self) -> float:
        return self._shrink * self._slide.spacing_um_px

    @cached_property
    def _mask(self) -> np.ndarray:
        return tissue_mask(self._slide.overview(self._shrink), self._spacing_um_px)


def prediction_stamp(folder: Path) -> tuple[int, int]:
    """Time and size of the file that holds a prediction; zeros where it is gone."""
    try:
        facts = (folder / PREDICTION_FILE).stat()
    except FileNotFoundError:
        return 0, 0
    return facts.st_mtime_ns, facts.st_size
