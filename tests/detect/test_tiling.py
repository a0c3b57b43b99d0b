import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mitokeras.detect.tiling import TileGrid, probability_map


@given(
    st.integers(1, 90),
    st.integers(1, 90),
    st.integers(1, 6).map(lambda k: 8 * k),
    st.integers(0, 3),
)
@settings(max_examples=60, deadline=None)
def test_every_pixel_of_the_field_comes_back_once(height, width, tile_px, halo_px) -> None:
    rng = np.random.default_rng(0)
    image = rng.integers(0, 256, (height, width, 3), dtype=np.uint8)
    seen = np.zeros((height, width), dtype=int)
    grid = TileGrid(height, width, tile_px, halo_px)
    for core in grid.cores():
        tile = grid.read(image, core)
        assert tile.shape == (tile_px, tile_px, 3)
        once = np.zeros((height, width), dtype=int)
        grid.write(once, core, np.ones((tile_px, tile_px), dtype=int))
        seen += once
    assert np.all(seen == 1)

    red = probability_map(image, lambda tiles: tiles[..., 0] / np.float32(255), tile_px, halo_px)
    np.testing.assert_array_equal(red, image[..., 0] / np.float32(255))


def test_tiled_equals_untiled_inside_the_halo() -> None:
    rng = np.random.default_rng(1)
    image = rng.integers(0, 256, (75, 130, 3), dtype=np.uint8)

    def box_filter(tiles: np.ndarray) -> np.ndarray:
        return np.stack(
            [
                cv2.blur(tile[..., 1].astype(np.float32), (9, 9), borderType=cv2.BORDER_REFLECT_101)
                for tile in tiles
            ]
        )

    tiled = probability_map(image, box_filter, tile_px=40, halo_px=4, batch=3)
    np.testing.assert_allclose(tiled, box_filter(image[None])[0], rtol=1e-5)


def test_halo_must_leave_a_core() -> None:
    with pytest.raises(ValueError, match="less than half of tile_px"):
        TileGrid(10, 10, tile_px=16, halo_px=8)
