"""What is known where in a field."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from mitokeras.data.known import area_mask, area_px, discs, is_inside, is_near, resized


def test_area_without_rectangles_that_overlap() -> None:
    none = np.zeros((0, 4))
    assert area_px(20, 10, None, none) == 200
    boxes = np.array([[-0.5, -0.5, 9.5, 9.5], [4.5, 4.5, 14.5, 9.5], [4.5, 4.5, 14.5, 9.5]])
    assert area_px(20, 10, None, boxes) == 75
    half = shapely.box(-5, -5, 9.5, 20)
    assert area_px(20, 10, half, none) == 100
    assert area_px(20, 10, half, boxes) == 0


def test_pixels_whose_centres_lie_in_an_area_with_a_hole_and_an_island() -> None:
    ring = shapely.difference(shapely.box(0.5, 0.5, 8.5, 8.5), shapely.box(2.5, 2.5, 6.5, 6.5))
    island = shapely.box(3.5, 3.5, 5.5, 5.5)
    area = shapely.MultiPolygon([ring, island])
    expected = np.zeros((10, 12), bool)
    expected[1:9, 1:9] = True
    expected[3:7, 3:7] = False
    expected[4:6, 4:6] = True
    assert np.array_equal(area_mask((10, 12), area), expected)
    assert not area_mask((4, 4), shapely.MultiPolygon([])).any()
    assert np.array_equal(is_inside(np.argwhere(expected)[:, ::-1], area), np.ones(52, bool))
    assert not is_inside(np.argwhere(~expected)[:, ::-1], area).any()


def test_an_enlarged_area_covers_the_enlarged_pixels() -> None:
    assert resized(shapely.box(-0.5, -0.5, 1.5, 3.5), 2.0).bounds == (-0.5, -0.5, 3.5, 7.5)


def test_discs_are_cut_off_at_the_border() -> None:
    mask = discs((5, 6), np.array([[0.0, 0.0], [-3.0, 2.0], [5.0, 4.0]]), 1.0)
    assert np.argwhere(mask).tolist() == [[0, 0], [0, 1], [1, 0], [3, 5], [4, 4], [4, 5]]


@pytest.mark.parametrize("distance", [0.0, 3.0, 3.01])
def test_near_is_inclusive(distance: float) -> None:
    assert is_near(np.array([[distance, 0.0]]), np.zeros((1, 2)), 3.0)[0] == (distance <= 3)
    assert not is_near(np.array([[0.0, 0.0]]), np.zeros((0, 2)), 3.0).any()
