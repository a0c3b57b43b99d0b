import cv2
import numpy as np
import pytest

from mitokeras.data.synthetic.field import draw_field
from mitokeras.detect.focus import is_sharp


def texture(seed: int = 0) -> np.ndarray:
    """Structure of all sizes from 0.3 um on."""
    rng = np.random.default_rng(seed)
    grey = sum(
        cv2.GaussianBlur(rng.standard_normal((256, 256)), (0, 0), sigma) * sigma
        for sigma in (1.2, 2.4, 4.8, 9.6)
    )
    grey = 150 + 30 * grey / grey.std()
    return np.repeat(grey.clip(0, 255).astype(np.uint8)[..., None], 3, axis=2)


def test_sharp_and_blurred() -> None:
    image = texture()
    assert is_sharp(image, 0.25) is True
    assert is_sharp(cv2.GaussianBlur(image, (0, 0), 3), 0.25) is False
    drawn = draw_field(256, 256, seed=3, case=3).image
    assert is_sharp(drawn, 0.25) is True
    assert is_sharp(cv2.GaussianBlur(drawn, (0, 0), 3), 0.25) is False


@pytest.mark.parametrize("contrast", [0.3, 1.0, 1.5])
def test_contrast_does_not_matter(contrast: float) -> None:
    for sigma, told in ((0.01, True), (3.0, False)):
        blurred = cv2.GaussianBlur(texture(), (0, 0), sigma)
        image = 150 + contrast * (blurred.astype(np.float32) - 150)
        assert is_sharp(image.clip(0, 255).astype(np.uint8), 0.25) is told


def test_the_same_tissue_at_another_spacing() -> None:
    image = cv2.resize(texture(), (128, 128), interpolation=cv2.INTER_AREA)
    blurred = cv2.resize(
        cv2.GaussianBlur(texture(), (0, 0), 3), (128, 128), interpolation=cv2.INTER_AREA
    )
    assert is_sharp(image, 0.5) is True
    assert is_sharp(blurred, 0.5) is False


def test_nothing_to_tell_by() -> None:
    assert is_sharp(np.full((256, 256, 3), 200, np.uint8), 0.25) is None
    assert is_sharp(np.full((1, 5, 3), 200, np.uint8), 0.25) is None
