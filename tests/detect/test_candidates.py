import numpy as np
import pytest

from mitokeras.detect.candidates import Candidates, cut_crops, find_candidates


def test_hand_derived_regions() -> None:
    probability = np.zeros((6, 8), dtype=np.float32)
    probability[0:2, 0:3] = 0.6
    probability[1, 1] = 0.9
    probability[3, 6] = 0.7  # touches the next one only at a corner
    probability[4, 7] = 0.8
    probability[5, 0] = 0.5  # not greater than the threshold
    found = find_candidates(probability, threshold=0.5, min_area_px=0)
    np.testing.assert_allclose(found.xy, [[1.0, 0.5], [6.5, 3.5]])
    assert found.area_px.tolist() == [6, 2]
    np.testing.assert_allclose(found.segmenter_score, [0.9, 0.8])
    assert np.all(np.isnan(found.classifier_score))
    # "greater than": a region of exactly the least area goes
    assert find_candidates(probability, 0.5, min_area_px=2).area_px.tolist() == [6]


def test_blank_map_has_no_candidates() -> None:
    found = find_candidates(np.zeros((5, 5), dtype=np.float32), 0.5, 0)
    assert len(found) == 0
    assert found.xy.shape == (0, 2)
    full = find_candidates(np.ones((5, 5), dtype=np.float32), 0.5, 0)
    assert full.area_px.tolist() == [25]


def test_scaled_keeps_pixel_centres() -> None:
    probability = np.zeros((4, 4), dtype=np.float32)
    probability[0, 0] = 1
    doubled = find_candidates(probability, 0.5, 0).scaled(2.0)
    np.testing.assert_allclose(doubled.xy, [[0.5, 0.5]])  # centre of the four pixels it covers
    assert doubled.area_px.tolist() == [4]


def test_regions_are_in_reading_order() -> None:
    probability = np.zeros((4, 40), dtype=np.float32)
    probability[1, 2] = probability[0, 20] = probability[0, 11] = 1
    found = find_candidates(probability, 0.5, 0)
    assert found.xy.tolist() == [[11, 0], [20, 0], [2, 1]]


def test_crop_is_a_slice() -> None:
    image = np.random.default_rng(0).integers(0, 256, (40, 50, 3), dtype=np.uint8)
    crop = cut_crops(image, np.array([[20.4, 10.6]]), crop_px=8)
    np.testing.assert_array_equal(crop[0], image[7:15, 16:24])


@pytest.mark.parametrize("centre", [(0, 0), (49, 39), (25, 39)])
def test_crop_at_the_border_is_mirrored(centre) -> None:
    image = np.random.default_rng(0).integers(0, 256, (40, 50, 3), dtype=np.uint8)
    crop = cut_crops(image, np.array([centre], dtype=float), crop_px=16)
    padded = np.pad(image, ((8, 8), (8, 8), (0, 0)), mode="reflect")
    x, y = centre
    np.testing.assert_array_equal(crop, padded[None, y : y + 16, x : x + 16])


def test_no_crops() -> None:
    image = np.zeros((20, 20, 3), dtype=np.uint8)
    assert cut_crops(image, np.zeros((0, 2)), 8).shape == (0, 8, 8, 3)


def test_joined_sets_keep_their_order() -> None:
    probability = np.zeros((40, 40), np.float32)
    probability[5:10, 5:10] = 0.9
    one = find_candidates(probability, 0.5, 10)
    probability[20:30, 20:30] = 0.8
    two = find_candidates(probability, 0.5, 10)
    both = Candidates.joined([one, Candidates.none(), two])
    assert both.xy.tolist() == [[7, 7], [7, 7], [24.5, 24.5]]
    assert both.area_px.tolist() == [25, 25, 100]
    assert both.accepted.dtype == bool
