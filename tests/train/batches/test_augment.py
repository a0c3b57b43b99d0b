import math

import numpy as np
import pytest

from mitokeras.errors import ConfigError
from mitokeras.run.config import Config
from mitokeras.run.data_config import AugmentConfig
from mitokeras.train.batches.augment import (
    affine,
    augmentation,
    blur,
    jpeg,
    light,
    noise,
    region_px,
    stain,
    stain_exchange,
)
from mitokeras.train.batches.feed import numpy_batches, tf_batches


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


OWN = (np.array([[0.66, 0.38], [0.67, 0.89], [0.33, 0.25]]), np.array([1.5, 0.9]))
OTHER = (np.array([[0.60, 0.20], [0.71, 0.88], [0.37, 0.43]]), np.array([2.2, 1.2]))

ALL = AugmentConfig(stain=0.15, stain_exchange=1.0, light=0.1, blur_px=1.0, noise=3.0, jpeg=40)


def tissue_sample(edge: int = 96) -> dict[str, object]:
    shares = np.random.default_rng(4).uniform(0.0, 1.0, (edge, edge, 2)) * OWN[1]
    image = (240.0 * np.exp(-shares @ OWN[0].T)).astype(np.uint8)
    mask = (shares[..., 0] > 1.0).astype(np.uint8)
    return {"image": image, "mask": mask, "stains": OWN}


@pytest.mark.parametrize(
    "step",
    [stain_exchange(1.0, [OTHER]), stain(0.2), light(0.2), blur(1.0), noise(5.0), jpeg(40)],
    ids=["exchange", "stain", "light", "blur", "noise", "jpeg"],
)
def test_a_step_depends_on_the_generator_and_changes_the_image_alone(step) -> None:
    sample = tissue_sample()
    before = sample["image"].copy()
    results = [step(sample, np.random.default_rng(seed)) for seed in (*range(6), *range(6))]
    for first, again in zip(results[:6], results[6:], strict=True):
        np.testing.assert_array_equal(first["image"], again["image"])
        assert first["image"].shape == before.shape
        assert first["image"].dtype == np.uint8
        assert first["mask"] is sample["mask"]
        assert first["stains"] is OWN
    assert any((result["image"] != before).any() for result in results)
    np.testing.assert_array_equal(sample["image"], before)


def test_stains_are_exchanged_in_a_share_of_the_patches() -> None:
    step = stain_exchange(0.3, [OTHER])
    sample = tissue_sample(8)
    results = [step(sample, np.random.default_rng(seed)) for seed in range(300)]
    assert 0.22 < np.mean([r is not sample for r in results]) < 0.38


@pytest.mark.parametrize("unknown", [{}, {"stains": None}])
def test_a_patch_of_unknown_stains_keeps_them(unknown: dict[str, None]) -> None:
    sample = {key: tissue_sample()[key] for key in ("image", "mask")} | unknown
    assert stain_exchange(1.0, [OTHER])(sample, np.random.default_rng(0)) is sample


def test_stains_outlive_the_cut() -> None:
    still = AugmentConfig(
        rotation=False, scale=(1.0, 1.0), stain=0.0, blur_px=0.0, stain_exchange=1.0
    )
    sample = tissue_sample()
    whole = stain_exchange(1.0, [OTHER])(sample, np.random.default_rng(0))["image"]
    result = augmentation(still, 32, 32, [OTHER])(sample, np.random.default_rng(0))
    np.testing.assert_array_equal(result["image"], whole[32:64, 32:64])


def test_what_is_switched_off_draws_no_numbers() -> None:
    """A preset that does not know the newer steps gives the patches that it always gave."""
    sample = tissue_sample()
    for config, pool in [(AugmentConfig(), [OTHER]), (AugmentConfig(stain_exchange=0.5), [])]:
        result = augmentation(config, 48, 64, pool)(sample, np.random.default_rng(5))
        rng = np.random.default_rng(5)
        expected = affine(48, 64, True, (0.8, 1.25))(sample, rng)
        expected = blur(1.0)(stain(0.1)(expected, rng), rng)
        np.testing.assert_array_equal(result["image"], expected["image"])


def test_all_steps_together_inside_tf_data_as_outside() -> None:
    sample = tissue_sample(160)
    augment = augmentation(ALL, 64, 64, [OWN, OTHER])

    def sampler(index: int) -> tuple[np.ndarray, np.ndarray]:
        result = augment(sample, np.random.default_rng(index))
        return result["image"], result["mask"][..., None]

    from_tf = tf_batches(sampler, 4).take(3).as_numpy_iterator()
    for pair, same in zip(from_tf, numpy_batches(sampler, 4), strict=False):
        np.testing.assert_array_equal(pair[0], same[0])
        np.testing.assert_array_equal(pair[1], same[1])


@pytest.mark.parametrize("change", [{"stain_exchange": 1.1}, {"jpeg": 96}, {"noise": -1.0}])
def test_strengths_out_of_range_are_refused(change: dict[str, float]) -> None:
    with pytest.raises(ConfigError, match=next(iter(change))):
        Config().updated({"augment": change})
