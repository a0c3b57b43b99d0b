"""A predicted slide that is under review: its folder, its prediction and the slide itself."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from mitokeras.counting.kept import PREDICTION_FILE, read_kept
from mitokeras.counting.prediction import ImageFacts, Prediction
from mitokeras.errors import DataError
from mitokeras.slides import Slide
from mitokeras.slides.opening import open_slide
from mitokeras.verdicts.events import Head
from mitokeras.verdicts.journal import Journal
from mitokeras.verdicts.reviewer import journal_path


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
        kept = read_kept(self.folder)
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
            image=image.file_name,
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


def prediction_stamp(folder: Path) -> tuple[int, int]:
    """Time and size of the file that holds a prediction; zeros where it is gone."""
    try:
        facts = (folder / PREDICTION_FILE).stat()
    except FileNotFoundError:
        return 0, 0
    return facts.st_mtime_ns, facts.st_size
