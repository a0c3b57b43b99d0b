from fractions import Fraction

import numpy as np
import pytest

from mitokeras.data.resize import as_ratio, resize, resize_factor
from mitokeras.errors import DataError


def test_factor_and_its_bounds() -> None:
    assert resize_factor(0.375, 0.25, "a.png") == 1.5
    assert resize_factor(0.2456, 0.25, "a.png") == 1.0  # within the tolerance
    assert resize_factor(0.2208, 0.25, "a.png") == 53 / 60
    assert as_ratio(resize_factor(0.2208, 0.25, "a.png")) == Fraction(53, 60)
    for spacing in (0.5, 0.06):  # a 20x scan is refused
        with pytest.raises(DataError, match=r"a\.png: .* 0\.0625 to 0\.375 um/px"):
            resize_factor(spacing, 0.25, "a.png")


@pytest.mark.parametrize("spacing", [0.1625, 0.2208, 0.2738, 0.3639])
def test_ratios_are_close(spacing: float) -> None:
    assert resize_factor(spacing, 0.25, "a.png") * 0.25 == pytest.approx(spacing, rel=5e-4)


def test_resize_keeps_the_mean_and_scales_the_sides() -> None:
    image = np.random.default_rng(0).integers(0, 256, (40, 60, 3), dtype=np.uint8)
    assert resize(image, 1.0) is image
    half = resize(image, 0.5)
    assert half.shape == (20, 30, 3)
    np.testing.assert_allclose(half[0, 0], image[:2, :2].mean(axis=(0, 1)), atol=0.51)
    assert resize(image, 2.0).shape == (80, 120, 3)
