import numpy as np
import pytest
import tensorflow as tf

from mitokeras.detect.candidates import cut_crops as reference_crops
from mitokeras.detect.candidates import find_candidates as reference_candidates
from mitokeras.export.savedmodel.graph.candidates import (
    atypical_scores,
    classifier_scores,
    cut_crops,
    find_candidates,
)


@pytest.mark.parametrize("min_area_px", [0, 1, 2, 6, 1000])
def test_candidates_are_those_of_the_library(min_area_px: int) -> None:
    rng = np.random.default_rng(min_area_px)
    probability = rng.random((83, 117), dtype=np.float32)
    probability[:20] = 0.7  # exactly the threshold, in float32, is not above it
    expected = reference_candidates(probability, 0.7, min_area_px)
    found = find_candidates(tf.constant(probability), 0.7, min_area_px)
    assert (len(expected) > 0) == (min_area_px < 1000)
    np.testing.assert_array_equal(found.xy, expected.xy)
    np.testing.assert_array_equal(found.area_px, expected.area_px)
    np.testing.assert_array_equal(found.peak, expected.segmenter_score)


@pytest.mark.parametrize("size", [(1, 1), (1, 9), (5, 3), (40, 50)])
def test_crops_are_those_of_the_library(size: tuple[int, int]) -> None:
    height, width = size
    image = np.random.default_rng(0).integers(0, 256, (height, width, 3), dtype=np.uint8)
    corners = [(0, 0), (width - 1, 0), (0, height - 1), (width - 1, height - 1)]
    # a half rounds up; in float32 the last would be a half
    inner = [(width // 2 + 0.5, height // 2), (width // 3, height // 3 + 0.49999999999)]
    xy = np.clip(np.array([*corners, *inner], float), 0, [width - 1, height - 1])
    expected = reference_crops(image, xy, 16)

    cut: list[np.ndarray] = []

    def keep(crops: tf.Tensor) -> tf.Tensor:
        cut.append(crops.numpy())
        return tf.reduce_mean(tf.cast(crops, tf.float32), axis=(1, 2))[:, :1]

    scores = classifier_scores(tf.constant(image), tf.constant(xy), keep, 16)
    np.testing.assert_array_equal(cut[0], expected)
    np.testing.assert_allclose(scores, expected[..., 0].mean(axis=(1, 2)), rtol=1e-5)


@pytest.mark.parametrize("accepted", [[True, False, True], [False] * 3, []])
def test_atypical_scores_are_of_accepted_ones_alone(accepted: list[bool]) -> None:
    image = np.random.default_rng(0).integers(0, 256, (40, 50, 3), dtype=np.uint8)
    xy = np.array([(10.0, 9.0), (20.0, 30.0), (31.0, 12.0)])[: len(accepted)]

    def red(crops: tf.Tensor) -> tf.Tensor:
        return tf.reduce_mean(tf.cast(crops, tf.float32), axis=(1, 2))[:, :1]

    chosen = tf.constant(accepted, tf.bool)
    graph = tf.function(lambda *field: atypical_scores(*field, red, 8))
    scores = graph(tf.constant(image), tf.constant(xy), chosen)
    wanted = reference_crops(image, xy, 8)[..., 0].mean(axis=(1, 2)) if accepted else []
    np.testing.assert_allclose(scores, np.where(accepted, wanted, np.nan), rtol=1e-5)


def test_a_crop_inside_is_a_slice() -> None:
    image = np.random.default_rng(0).integers(0, 256, (40, 50, 3), dtype=np.uint8)
    crops = cut_crops(tf.constant(image), tf.constant([[7, 16]]), 8)
    np.testing.assert_array_equal(crops[0], image[7:15, 16:24])
