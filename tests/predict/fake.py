"""A detector without networks: dark pixels are figures to stage 1, red ones to stage 2."""

import numpy as np

from mitokeras.detect.spec import DetectorSpec, ModelFile
from mitokeras.detector import Detector

FILE = ModelFile(file="network.tflite", sha256="0" * 64)


def darkness(tiles: np.ndarray) -> np.ndarray:
    return 1 - tiles.mean(axis=3, dtype=np.float32) / 255


def redness(crops: np.ndarray) -> np.ndarray:
    centre = crops[:, 12:20, 12:20]
    return (centre[..., 0].mean(axis=(1, 2)) / 255).astype(np.float32)


def fake_detector(**changes: object) -> Detector:
    spec = DetectorSpec(
        **{
            "spacing_um_px": 0.25,
            "tile_px": 64,
            "halo_px": 8,
            "stain": {"policy": "none"},
            "segmenter_threshold": 0.5,
            "classifier_threshold": 0.3,
            "thresholds_chosen": "by hand",
            "min_area_px": 20,
            "crop_px": 32,
            "protocol": "midog",
            "data_sha256": "0" * 64,
            "models": {"segmenter": FILE, "classifier": FILE},
            **changes,
        }
    )
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
