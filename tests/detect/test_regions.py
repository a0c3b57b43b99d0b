"""Tiles give the same regions as the whole map."""

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from mitokeras.detect.candidates import find_candidates
from mitokeras.detect.outlines import outline_of
from mitokeras.detect.regions import LARGEST_OUTLINED_PX, Regions, joined, tile_regions
from mitokeras.detect.tiling import TileGrid


def tiled(probability: np.ndarray, threshold: float, min_area_px: int, core_px: int) -> Regions:
    grid = TileGrid(*probability.shape, core_px + 8, 4)
    parts = [
        tile_regions(
            probability[y : y + core_px, x : x + core_px], (y, x), grid, threshold, min_area_px
        )
        for y, x in grid.cores()
    ]
    return joined(parts[::-1], grid, min_area_px)


def check_equal(probability: np.ndarray, found: Regions, threshold: float, area: int) -> None:
    expected = find_candidates(probability, threshold, area)
    np.testing.assert_array_equal(found.area, expected.area_px)
    np.testing.assert_array_equal(found.peak, expected.segmenter_score)
    np.testing.assert_allclose(found.sum_xy / found.area[:, None], expected.xy)
    assert not found.open.any()


@settings(deadline=None, max_examples=60)
@given(
    seed=st.integers(0, 10**6),
    height=st.integers(1, 70),
    width=st.integers(1, 70),
    core_px=st.integers(1, 30).filter(lambda core: (core + 8) % 2 == 0),
    density=st.floats(0.05, 0.7),
    min_area_px=st.integers(0, 12),
)
def test_tiled_equals_whole(
    seed: int, height: int, width: int, core_px: int, density: float, min_area_px: int
) -> None:
    probability = np.random.default_rng(seed).random((height, width), dtype=np.float32)
    threshold = 1 - density
    found = tiled(probability, threshold, min_area_px, core_px)
    check_equal(probability, found, threshold, min_area_px)
    for i in range(len(found)):
        polygon = shapely.Polygon(found.outline(i))
        assert polygon.is_valid
        inside = polygon.buffer(1e-6)
        y, x = np.nonzero(found.mask(i))
        centres = shapely.points(x + found.box[i, 0], y + found.box[i, 1])
        assert shapely.contains(inside, centres).all()


def test_a_figure_over_four_tiles_is_one() -> None:
    probability = np.zeros((64, 64), np.float32)
    probability[28:36, 28:36] = 0.75
    probability[33, 34] = 0.9
    found = tiled(probability, 0.5, 50, 16)
    assert len(found) == 1
    assert found.box.tolist() == [[28, 28, 8, 8]]
    assert found.area.tolist() == [64]
    assert found.first.tolist() == [[28, 28]]
    assert found.peak.tolist() == [np.float32(0.9)]


def test_parts_that_meet_only_at_a_corner_of_tiles_are_one() -> None:
    probability = np.zeros((32, 32), np.float32)
    probability[12:16, 16:20] = 1  # ends at the corner from above right
    probability[16:20, 12:16] = 1
    assert tiled(probability, 0.5, 20, 16).area.tolist() == [32]
    assert len(tiled(probability, 0.5, 32, 16)) == 0


def test_a_region_around_a_tile_is_joined_once() -> None:
    probability = np.zeros((48, 48), np.float32)
    probability[10:38, 10:38] = 1
    probability[14:34, 14:34] = 0
    found = tiled(probability, 0.5, 10, 16)
    assert found.area.tolist() == [28**2 - 20**2]


def test_a_blank_slide_and_no_tiles() -> None:
    assert len(tiled(np.zeros((40, 40), np.float32), 0.5, 0, 16)) == 0
    assert len(joined([], TileGrid(40, 40, 24, 4), 0)) == 0


def test_what_is_no_figure_any_more_is_outlined_by_its_box() -> None:
    side = LARGEST_OUTLINED_PX + 100
    found = tiled(np.ones((60, side), np.float32), 0.5, 0, 504)
    assert found.area.tolist() == [60 * side]
    assert found.outline(0).tolist() == [
        [-0.5, -0.5], [side - 0.5, -0.5], [side - 0.5, 59.5], [-0.5, 59.5],
    ]  # fmt: skip


@pytest.mark.parametrize("corner", [0, 1])
def test_outline_of_hand_drawn_masks(corner: int) -> None:
    mask = np.zeros((6, 6), bool)
    mask[1:3, 1:3] = True
    square = shapely.Polygon(outline_of(mask))
    assert square.bounds == (0.25, 0.25, 2.75, 2.75)
    mask[3 - corner, 3] = True  # touches by its corner, then by its side
    grown = shapely.Polygon(outline_of(mask))
    assert grown.is_valid
    assert grown.area > square.area
