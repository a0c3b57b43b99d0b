import math

import numpy as np
import pytest

from mitokeras.config import AugmentConfig
from mitokeras.data.augment import affine, augmentation, blur, region_px


def blob_sample(size: int) -> dict[str, np.ndarray]:
    """An image whose brightness is its mask: a disc off the centre."""
    rows, columns = np.mgrid[:size, :size]
    disc = ((rows - 0.42 * size) ** 2 + (columns - 0.6 * size) ** 2 < (0.1 * size) ** 2).astype(
        np.uint8
    )
    return {"image": np.repeat(disc[..., None] * 255, 3, axis=2), "mask": disc}


def test_without_changes_it_is_a_centre_crop() -> None:
    image = np.random.default_rng(0).integers(0, 256, (64, 64, 3), dtype=np.uint8)
    still = affine(32, 32, rotation=False, scale=(1.0, 1.0))
    result = still({"image": image, "mask": image[..., 0]}, np.random.default_rng(0))
    np.testing.assert_array_equal(result["image"], image[16:48, 16:48])
    np.testing.assert_array_equal(result["mask"], image[16:48, 16:48, 0])


@pytest.mark.parametrize("seed", range(8))
def test_image_and_mask_stay_aligned(seed: int) -> None:
    config = AugmentConfig(stain=0.0, blur_px=0.0)
    size = region_px(config, 64)
    result = augmentation(config, 64, 128)(blob_sample(size), np.random.default_rng(seed))
    assert result["image"].shape == (128, 128, 3)
    bright = result["image"][..., 0] > 127
    assert (bright != result["mask"].astype(bool)).mean() < 0.01
    assert result["mask"].any()


def test_enlargement_is_about_the_centre() -> None:
    size = 200
    twice = affine(size, size, rotation=False, scale=(2.0, 2.0))
    mask = twice(blob_sample(size), np.random.default_rng(0))["mask"]
    # the disc of radius 20 lies 20.5 px right and 15.5 px above the centre at 99.5
    rows, columns = np.nonzero(mask)
    assert mask.sum() == pytest.approx(4 * math.pi * 20**2, rel=0.05)
    assert columns.mean() == pytest.approx(99.5 + 2 * 20.5, abs=0.6)
    assert rows.mean() == pytest.approx(99.5 - 2 * 15.5, abs=0.6)


def test_rotation_keeps_the_area() -> None:
    config = AugmentConfig(scale=(1.0, 1.0), stain=0.0, blur_px=0.0)
    sample = blob_sample(region_px(config, 160))
    before = sample["mask"].sum()
    areas = [
        augmentation(config, 160, 160)(sample, np.random.default_rng(seed))["mask"].sum()
        for seed in range(20)
    ]
    np.testing.assert_allclose(areas, before, rtol=0.05)


def test_region_holds_the_rotated_and_shrunk_square() -> None:
    config = AugmentConfig(scale=(0.8, 1.25))
    assert region_px(config, 256) >= 256 * math.sqrt(2) / 0.8
    # no mirrored border in the result: a frame of another colour never shows
    size = region_px(config, 64)
    image = np.zeros((size + 40, size + 40, 3), dtype=np.uint8)
    image[:20] = image[-20:] = image[:, :20] = image[:, -20:] = 255
    inner = image[20:-20, 20:-20]
    sample = {"image": inner, "mask": inner[..., 0]}
    for seed in range(10):
        result = affine(64, 64, True, (0.8, 1.25))(sample, np.random.default_rng(seed))
        assert result["image"].max() == 0


def test_same_generator_same_patch() -> None:
    config = AugmentConfig(stain=0.2)
    sample = {
        "image": np.random.default_rng(0).integers(0, 256, (120, 120, 3), dtype=np.uint8),
        "mask": np.zeros((120, 120), dtype=np.uint8),
    }
    augment = augmentation(config, 64, 64)
    one, same, other = (augment(sample, np.random.default_rng(seed)) for seed in (1, 1, 2))
    np.testing.assert_array_equal(one["image"], same["image"])
    assert (one["image"] != other["image"]).any()


def test_blur_smooths_and_keeps_the_mask() -> None:
    image = np.random.default_rng(0).integers(0, 256, (64, 64, 3), dtype=np.uint8)
    sample = {"image": image, "mask": image[..., 0]}
    deviations = [blur(2.0)(sample, np.random.default_rng(s))["image"].std() for s in range(20)]
    assert min(deviations) < 0.6 * image.std()
    assert max(deviations) == image.std()  # half of the patches stay as they are
