"""Windows of a resampled slide are those of the slide resampled in one piece."""

import numpy as np
import pytest

from mitokeras.data.resize import resize, resize_factor
from mitokeras.detect.tiling import TileGrid
from mitokeras.predict.plane import Plane
from mitokeras.slides.image_reader import ImageSlide


@pytest.mark.parametrize("spacing", [0.0625, 0.11, 0.125, 0.2208, 0.25, 0.2738, 0.3639, 0.375])
def test_windows_equal_the_whole(spacing: float) -> None:
    rng = np.random.default_rng(0)
    image = rng.integers(0, 256, (404, 612, 3), dtype=np.uint8)
    factor = resize_factor(spacing, 0.25, "a")
    whole = resize(image, factor)
    plane = Plane(ImageSlide(image, spacing), factor)
    assert (plane.height, plane.width) == whole.shape[:2]
    grid = TileGrid.over(whole, 64, 8)
    for core in grid.cores():
        window = plane.read(grid.corner(core), 64)
        difference = np.abs(window.astype(int) - grid.read(whole, core))
        assert difference.max() <= 1  # OpenCV rounds its weights
        assert (difference > 0).mean() < 0.02


def test_half_a_pixel_at_the_end_is_dropped() -> None:
    image = np.zeros((43, 41, 3), np.uint8)
    plane = Plane(ImageSlide(image, 0.125), 0.5)
    assert (plane.height, plane.width) == (21, 20)
    for corner in ((0, 0), (10, 9), (20, 19)):
        assert plane.read(corner, 32).shape == (32, 32, 3)


def test_the_stain_is_applied_to_what_is_read() -> None:
    image = np.full((40, 40, 3), 100, np.uint8)
    plane = Plane(ImageSlide(image, 0.25), 1.0, lambda window: window + 1)
    assert (plane.read((-8, -8), 32) == 101).all()
