import json
import logging
from pathlib import Path

import cv2
import numpy as np
import pytest
from torchstain.numpy.normalizers import NumpyMacenkoNormalizer

from mitokeras.data.stain import (
    DEFAULT_NORMALIZER,
    MacenkoNormalizer,
    estimate_stains,
    stain_jitter,
)
from mitokeras.errors import DataError, ModelError

H_OD = np.array([0.55, 0.75, 0.37])
E_OD = np.array([0.25, 0.83, 0.50])


def draw_tissue(
    height: int, width: int, seed: int, haematoxylin: float = 1.0, eosin: float = 1.0
) -> np.ndarray:
    """Nuclei on eosinophilic ground with some glass, mixed from H_OD and E_OD."""
    rng = np.random.default_rng(seed)
    noise = rng.normal(0.0, 1.0, (height, width)).astype(np.float32)
    texture = cv2.GaussianBlur(noise, (0, 0), 6)
    texture /= texture.std()
    eosin_map = np.clip(0.7 + 0.3 * texture, 0.0, None)
    haematoxylin_map = np.full((height, width), 0.05, dtype=np.float32)
    for _ in range(height * width // 900):
        centre = (int(rng.integers(width)), int(rng.integers(height)))
        axes = (int(rng.integers(5, 12)), int(rng.integers(4, 9)))
        angle = float(rng.uniform(0, 180))
        strength = float(rng.uniform(0.7, 1.6))
        cv2.ellipse(haematoxylin_map, centre, axes, angle, 0, 360, strength, -1)
    eosin_map[haematoxylin_map > 0.05] *= 0.1
    glass = texture < -1.5
    maps = np.stack([haematoxylin * haematoxylin_map, eosin * eosin_map], axis=-1)
    maps[glass] = 0.0
    light = 240.0 * np.exp(-maps @ np.stack([H_OD, E_OD]))
    light += rng.normal(0.0, 1.5, light.shape)
    return np.clip(light, 0, 255).astype(np.uint8)


def assert_agrees_with_torchstain(
    image: np.ndarray, matrix_tolerance: float, mean_tolerance: float
) -> None:
    theirs = NumpyMacenkoNormalizer()
    expected, _, _ = theirs.normalize(image, stains=False)
    normalized = DEFAULT_NORMALIZER.transform(image)
    difference = np.abs(normalized.astype(int) - expected)
    assert difference.mean() < mean_tolerance

    theirs.fit(image)
    ours = MacenkoNormalizer.fit(image)
    np.testing.assert_allclose(ours.stain_matrix, theirs.HERef, atol=matrix_tolerance)
    np.testing.assert_allclose(ours.max_concentrations, theirs.maxCRef, rtol=0.01)


def test_agrees_with_torchstain_where_every_pixel_is_used() -> None:
    assert_agrees_with_torchstain(draw_tissue(256, 320, seed=1), 1e-5, 0.01)


@pytest.mark.parametrize("seed", [2, 3])
def test_agrees_with_torchstain_where_pixels_are_sampled(seed: int) -> None:
    assert_agrees_with_torchstain(draw_tissue(1400, 1300, seed), 5e-3, 0.5)


def test_agrees_with_torchstain_on_real_tissue(shared_data: Path) -> None:
    for frame in ["Case_10-03", "Case_12-05"]:
        image = cv2.imread(str(shared_data / "brecahad" / "images" / f"{frame}.jpg"))
        assert_agrees_with_torchstain(cv2.cvtColor(image, cv2.COLOR_BGR2RGB), 2e-3, 0.25)


def test_estimate_finds_the_drawn_stains() -> None:
    matrix, maxima = estimate_stains(draw_tissue(512, 512, seed=4))
    for column, drawn in zip(matrix.T, [H_OD, E_OD], strict=True):
        cosine = column @ drawn / np.linalg.norm(drawn)
        assert np.degrees(np.arccos(cosine)) < 1.0
    assert maxima == pytest.approx([1.55 * np.linalg.norm(H_OD), 1.3 * np.linalg.norm(E_OD)], 0.1)


def test_two_stainings_of_one_tissue_come_out_alike() -> None:
    pale = draw_tissue(512, 512, seed=5, haematoxylin=0.7, eosin=0.8)
    dark = draw_tissue(512, 512, seed=5, haematoxylin=1.1, eosin=1.3)
    before = np.abs(pale.astype(int) - dark).mean()
    pale, dark = DEFAULT_NORMALIZER.transform(pale), DEFAULT_NORMALIZER.transform(dark)
    assert before > 20.0
    assert np.abs(pale.astype(int) - dark).mean() < 0.25 * before


def test_an_image_normalised_to_itself_stays() -> None:
    image = draw_tissue(256, 256, seed=6)
    again = MacenkoNormalizer.fit(image).transform(image)
    # Only what lies outside the plane of the two stains, camera noise here, is lost.
    assert np.abs(again.astype(int) - image).mean() < 2.0


def test_transform_keeps_the_input_and_its_type() -> None:
    image = draw_tissue(100, 130, seed=7)
    copy = image.copy()
    result = DEFAULT_NORMALIZER.transform(image)
    assert result.dtype == np.uint8
    assert result.shape == (100, 130, 3)
    np.testing.assert_array_equal(image, copy)


def test_transform_takes_a_view() -> None:
    image = draw_tissue(200, 200, seed=8)
    view = image[::-1, 20:180]
    np.testing.assert_array_equal(
        DEFAULT_NORMALIZER.transform(view), DEFAULT_NORMALIZER.transform(view.copy())
    )


def _specks_on_glass() -> np.ndarray:
    image = np.full((256, 256, 3), 243, dtype=np.uint8)
    image[:64, :64] = draw_tissue(64, 64, seed=9)
    return image


def _grey_glass() -> np.ndarray:
    noise = np.random.default_rng(10).normal(0.0, 4.0, (256, 256, 3))
    return (np.array([180, 170, 175]) + noise).astype(np.uint8)


def _one_stain() -> np.ndarray:
    strength = np.random.default_rng(11).uniform(0.3, 1.5, (256, 256, 1))
    return (240.0 * np.exp(-strength * H_OD)).astype(np.uint8)


@pytest.mark.parametrize(
    "image",
    [
        np.full((64, 64, 3), 255, dtype=np.uint8),
        np.zeros((64, 64, 3), dtype=np.uint8),
        np.full((64, 64, 3), (200, 120, 180), dtype=np.uint8),
        np.full((1, 1, 3), 100, dtype=np.uint8),
        _specks_on_glass(),
        _grey_glass(),
        _one_stain(),
    ],
    ids=["white", "black", "even", "one pixel", "specks", "grey glass", "one stain"],
)
def test_without_two_stains_an_image_is_left_alone(
    image: np.ndarray, caplog: pytest.LogCaptureFixture
) -> None:
    assert estimate_stains(image) is None
    with caplog.at_level(logging.WARNING):
        assert DEFAULT_NORMALIZER.transform(image) is image
    assert f"{image.shape[1]} x {image.shape[0]} px alone" in caplog.text


def test_a_blank_image_is_no_reference() -> None:
    with pytest.raises(DataError, match="64 x 32 px that is blank"):
        MacenkoNormalizer.fit(np.full((32, 64, 3), 250, dtype=np.uint8))


def test_json_round_trip() -> None:
    fitted = MacenkoNormalizer.fit(draw_tissue(256, 256, seed=12))
    again = MacenkoNormalizer.from_json(json.loads(json.dumps(fitted.to_json())))
    np.testing.assert_array_equal(again.stain_matrix, fitted.stain_matrix)
    np.testing.assert_array_equal(again.max_concentrations, fitted.max_concentrations)


@pytest.mark.parametrize(
    "value",
    [
        None,
        {"stain_matrix": [[1, 0], [0, 1], [0, 0]]},
        {"stain_matrix": [[1, 0], [0, 1]], "max_concentrations": [1, 1]},
        {"stain_matrix": [[1, 0], [0, 1], [0]], "max_concentrations": [1, 1]},
        {"stain_matrix": [[1, 0], [0, 1], [0, float("nan")]], "max_concentrations": [1, 1]},
        {"stain_matrix": [[1, 0], [0, 1], [0, 0]], "max_concentrations": [1, 0]},
        {"stain_matrix": [[1, 0], [0, 1], [0, 0]], "max_concentrations": [1, 1], "beta": 0.1},
    ],
)
def test_json_of_another_form_is_refused(value: object) -> None:
    with pytest.raises(ModelError, match="stain reference must"):
        MacenkoNormalizer.from_json(value)


def test_jitter_without_width_changes_nothing() -> None:
    levels = np.arange(256, dtype=np.uint8)
    image = np.stack([levels, levels[::-1], np.roll(levels, 85)], axis=-1)[None]
    np.testing.assert_array_equal(stain_jitter(image, np.random.default_rng(0), 0.0, 0.0), image)


def test_jitter_depends_on_the_generator_alone() -> None:
    image = draw_tissue(64, 64, seed=13)
    first = stain_jitter(image, np.random.default_rng(1))
    np.testing.assert_array_equal(first, stain_jitter(image, np.random.default_rng(1)))
    assert np.abs(first.astype(int) - stain_jitter(image, np.random.default_rng(2))).max() > 1


def test_jitter_leaves_glass_near_white_and_within_its_bounds() -> None:
    glass = np.full((4, 4, 3), 255, dtype=np.uint8)
    tissue = np.full((4, 4, 3), (140, 90, 160), dtype=np.uint8)
    for seed in range(200):
        # The green of the three stains adds up to 0.70 + 0.99 + 0.57.
        darkest = 256 * np.exp(-0.05 * 2.26) - 2
        assert stain_jitter(glass, np.random.default_rng(seed)).min() >= darkest
        change = stain_jitter(tissue, np.random.default_rng(seed), 0.2, 0.1).astype(int) - tissue
        assert np.abs(change).max() < 100


def test_jitter_scales_the_concentrations() -> None:
    class Doubled:
        def uniform(self, low: float, high: float, size: int) -> np.ndarray:
            return np.array([2.0, 1.0, 1.0]) if low > 0 else np.zeros(size)

    haematoxylin = np.array([0.65, 0.70, 0.29])
    pixel = (256.0 * np.exp(-0.5 * haematoxylin)).round() - 1.0
    doubled = 256.0 * np.exp(-1.0 * haematoxylin) - 1.0
    image = np.tile(pixel.astype(np.uint8), (2, 2, 1))
    np.testing.assert_allclose(stain_jitter(image, Doubled(), 0.5, 0.5)[0, 0], doubled, atol=2.0)
