"""A detector without networks, and tissue for it."""

import numpy as np

from mitokeras.detect.spec import ModelFile
from mitokeras.detector import Detector
from tests.detectors import darkness, make_spec, redness

FILE = ModelFile(file="network.tflite", sha256="0" * 64)


def fake_detector(**changes: object) -> Detector:
    models = {"segmenter": FILE, "classifier": FILE}
    spec = make_spec(**{"classifier_threshold": 0.3, "models": models, **changes})
    return Detector(spec, darkness, redness, "fake")


def tissue(height: int, width: int, figures: int, seed: int = 0, scale: float = 1) -> np.ndarray:
    """Pink tissue with dark figures, red or blue, of all sizes and places, borders included."""
    import cv2

    rng = np.random.default_rng(seed)
    image = np.empty((height, width, 3), np.uint8)
    image[:] = (225, 170, 205)
    for _ in range(figures):
        centre = int(rng.integers(0, width)), int(rng.integers(0, height))
        axes = tuple(int(scale * side) for side in rng.integers(3, 14, 2))
        colour = (160, 20, 60) if rng.random() < 0.5 else (30, 10, 90)
        cv2.ellipse(image, centre, axes, float(rng.integers(0, 180)), 0, 360, colour, -1)
    return image
