"""The two-stage detector as its users load it: fields, images and whole slides."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from mitokeras.counting.nottingham import FIELD_DIAMETER_MM
from mitokeras.counting.prediction import Prediction
from mitokeras.detect.detector import FieldDetector
from mitokeras.predict.detection import detect_steps
from mitokeras.predict.engines.local import LocalEngine
from mitokeras.predict.location import SlideFile, SlideInMemory, SlideLocation
from mitokeras.slides.image_reader import ImageSlide


class Detector(FieldDetector):
    """Finds and counts the mitotic figures of images and slides.

    Example:
        >>> from mitokeras.data.synthetic.field import draw_field
        >>> detector = Detector.load("edge")
        >>> image = draw_field(512, 512, seed=1, case=1).image
        >>> found = detector.predict(image, spacing_um_px=0.25)
        >>> found.count.figures == sum(one.accepted for one in found.detections)
        True
    """

    def predict(
        self, image: np.ndarray, spacing_um_px: float, field_diameter_mm: float | None = None
    ) -> Prediction:
        """Find and count the mitotic figures of an image in memory, as `mitokeras predict` does.

        Args:
            image: RGB, uint8, shape (height, width, 3).
            spacing_um_px: Size of its pixels.
            field_diameter_mm: Diameter of one high-power field; None for `FIELD_DIAMETER_MM`.

        Raises:
            ConfigError: See `check_field`.
            DataError: The array is no such image, its spacing is too far from the model's, or it
                shows no tissue.
        """
        location = SlideInMemory(ImageSlide(image, spacing_um_px), "image")
        return self._predict(location, field_diameter_mm)

    def predict_slide(
        self,
        path: str | Path,
        spacing_um_px: float | None = None,
        field_diameter_mm: float | None = None,
    ) -> Prediction:
        """Find and count the mitotic figures of a slide or image file, as `mitokeras predict` does.

        Args:
            path: The file.
            spacing_um_px: Instead of what the file states.
            field_diameter_mm: Diameter of one high-power field; None for `FIELD_DIAMETER_MM`.

        Raises:
            ConfigError: See `check_field`.
            DataError: The file cannot be read, states no spacing, its spacing is too far from the
                model's, or it shows no tissue.
        """
        return self._predict(SlideFile(Path(path), spacing_um_px), field_diameter_mm)

    def _predict(self, location: SlideLocation, field_diameter_mm: float | None) -> Prediction:
        diameter = FIELD_DIAMETER_MM if field_diameter_mm is None else field_diameter_mm
        steps = detect_steps(
            location, self.spec, self.name, diameter, false_per_mm2=self.false_per_mm2
        )
        return LocalEngine(self).follow(location, steps)
