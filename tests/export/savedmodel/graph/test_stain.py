from pathlib import Path

import cv2
import numpy as np
import pytest
import tensorflow as tf

from mitokeras.data.stain import DEFAULT_NORMALIZER, MacenkoNormalizer
from mitokeras.data.synthetic.field import draw_field
from mitokeras.export.savedmodel.graph.stain import normalized


@tf.function(input_signature=[tf.TensorSpec((None, None, 3), tf.uint8)])
def to_default(image: tf.Tensor) -> tf.Tensor:
    return normalized(image, DEFAULT_NORMALIZER)


def assert_within_a_grey_level(found: tf.Tensor, expected: np.ndarray, share: float) -> None:
    difference = np.abs(found.numpy().astype(int) - expected)
    assert difference.max() <= 1
    assert np.mean(difference > 0) < share


@pytest.mark.parametrize("case", range(4))
def test_synthetic_tissue(case: int) -> None:
    # one size below and one above that at which pixels are sampled
    height, width = (1511, 1303) if case == 3 else (301, 450)
    image = draw_field(height, width, seed=case, case=case).image
    expected = DEFAULT_NORMALIZER.transform(image)
    assert np.abs(expected.astype(int) - image).mean() > 1
    assert_within_a_grey_level(to_default(image), expected, 1e-3)


def test_real_tissue(shared_data: Path) -> None:
    for frame in ["Case_10-03", "Case_12-05"]:
        image = cv2.imread(str(shared_data / "brecahad" / "images" / f"{frame}.jpg"))
        image = cv2.cvtColor(image, cv2.COLOR_BGR2RGB)
        assert_within_a_grey_level(to_default(image), DEFAULT_NORMALIZER.transform(image), 1e-3)


def test_another_reference() -> None:
    reference = MacenkoNormalizer.fit(draw_field(300, 300, seed=5, case=5).image)
    image = draw_field(257, 263, seed=6, case=6).image
    found = normalized(tf.constant(image), reference)
    assert_within_a_grey_level(found, reference.transform(image), 1e-3)


def noisy(colour: tuple[int, int, int], sigma: float) -> np.ndarray:
    rng = np.random.default_rng(0)
    image = rng.normal(colour, sigma, (90, 110, 3))
    return np.clip(image, 0, 255).astype(np.uint8)


def one_stain() -> np.ndarray:
    strength = np.random.default_rng(0).uniform(0.3, 1.5, (90, 110, 1))
    return (240 * np.exp(-strength * [0.55, 0.75, 0.37])).astype(np.uint8)


def little_tissue() -> np.ndarray:
    image = np.full((300, 300, 3), 255, dtype=np.uint8)
    image[:60, :60] = draw_field(60, 60, seed=1, case=1).image
    return image


@pytest.mark.parametrize(
    "image",
    [
        np.full((50, 60, 3), 255, dtype=np.uint8),  # glass
        np.full((50, 60, 3), 100, dtype=np.uint8),  # enough "tissue", no spread
        np.zeros((50, 60, 3), dtype=np.uint8),
        np.full((1, 1, 3), 100, dtype=np.uint8),  # fewer than three pixels
        np.full((1, 2, 3), 100, dtype=np.uint8),
        noisy((150, 120, 160), 3),  # tinted glass with camera noise
        one_stain(),  # spread, but along one direction
        little_tissue(),
    ],
)
def test_no_two_stains_are_left_alone(image: np.ndarray) -> None:
    assert DEFAULT_NORMALIZER.transform(image) is image
    np.testing.assert_array_equal(to_default(image), image)
