import tracemalloc

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mitokeras.detect.tiling import probability_map
from mitokeras.detect.windows import WHOLE_PX, averaged_map, in_windows, window_starts


def test_the_papers_windows() -> None:
    assert window_starts(2084, 2048) == [0, 36]
    assert window_starts(2048, 2048) == [0]
    assert window_starts(100, 2048) == [0]
    assert window_starts(20, 8) == [0, 6, 12]  # 4 px to overlap, in two gaps
    assert window_starts(21, 8) == [0, 6, 13]


@given(st.integers(1, 500), st.integers(1, 120))
@settings(max_examples=200, deadline=None)
def test_the_fewest_windows_that_cover_a_side(side_px: int, window_px: int) -> None:
    starts = window_starts(side_px, window_px)
    assert len(starts) == -(-side_px // window_px)
    assert starts[0] == 0
    assert starts[-1] == max(0, side_px - window_px)
    steps = np.diff(starts)
    assert (steps > 0).all() and (steps <= window_px).all()
    assert steps.size == 0 or steps.max() - steps.min() <= 1
    covered = np.zeros(side_px, int)
    for start in starts:
        covered[start : start + window_px] += 1
    assert covered.min() == 1 and covered.max() <= 2


def place_in_window(tiles: np.ndarray) -> np.ndarray:
    """x + 100 y within the window, whatever it shows."""
    y, x = np.indices(tiles.shape[1:3], dtype=np.float32)
    return np.broadcast_to(x + 100 * y, tiles.shape[:3])


def test_each_pixel_has_the_mean_of_its_windows() -> None:
    # 10 wide: windows from 0 and 2; 9 high: from 0 and 1.
    field_map = probability_map(np.zeros((9, 10, 3), np.uint8), place_in_window, 8, 0, "windows")
    x = np.array([0, 1, 1, 2, 3, 4, 5, 6, 6, 7])
    y = np.array([0, 0.5, 1.5, 2.5, 3.5, 4.5, 5.5, 6.5, 7])
    np.testing.assert_array_equal(field_map, x + 100 * y[:, None])


def test_a_small_field_is_mirrored_in_its_window() -> None:
    image = np.random.default_rng(0).integers(0, 256, (3, 11, 3), np.uint8)
    seen = []

    def red(tiles: np.ndarray) -> np.ndarray:
        seen.append(tiles)
        return tiles[..., 0].astype(np.float32)

    field_map = probability_map(image, red, 8, 0, "windows")
    np.testing.assert_array_equal(field_map, image[..., 0])
    assert [tile.shape for tile in seen] == [(1, 8, 8, 3)] * 2
    np.testing.assert_array_equal(seen[0][0], image[[0, 1, 2, 1, 0, 1, 2, 1], :8])


def test_a_slide_keeps_tiles_with_a_halo(monkeypatch: pytest.MonkeyPatch) -> None:
    assert in_windows("windows", 5000, 5000)
    assert not in_windows("windows", 5000, 5001)
    assert not in_windows("halo", 1, 1)
    assert WHOLE_PX == 5000 * 5000
    monkeypatch.setattr("mitokeras.detect.windows.WHOLE_PX", 89)
    field_map = probability_map(np.zeros((9, 10, 3), np.uint8), place_in_window, 8, 2, "windows")
    row = [2, 3, 4, 5, 2, 3, 4, 5, 2, 3]
    np.testing.assert_array_equal(field_map[0], np.add(row, 200))


def test_windows_hold_one_map_of_the_field() -> None:
    side = 1024
    zeros = np.zeros((1, 64, 64), np.float32)
    tracemalloc.start()
    averaged_map(lambda _: zeros[0, ..., None], lambda _: zeros, (side, side), 64)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 1.1 * side * side * 4
