import numpy as np
import pytest

from mitokeras.errors import DataError
from mitokeras.spacing import resize, resize_factor


def test_factor_and_its_bounds() -> None:
    assert resize_factor(0.5, 0.25, "a.png") == 2.0
    assert resize_factor(0.2456, 0.25, "a.png") == 1.0  # within the tolerance
    for spacing in (0.6, 0.1):
        with pytest.raises(DataError, match=r"a\.png: .*within 2 times"):
            resize_factor(spacing, 0.25, "a.png")


def test_resize_keeps_the_mean_and_scales_the_sides() -> None:
    image = np.random.default_rng(0).integers(0, 256, (40, 60, 3), dtype=np.uint8)
    assert resize(image, 1.0) is image
    half = resize(image, 0.5)
    assert half.shape == (20, 30, 3)
    np.testing.assert_allclose(half[0, 0], image[:2, :2].mean(axis=(0, 1)), atol=0.51)
    assert resize(image, 2.0).shape == (80, 120, 3)
