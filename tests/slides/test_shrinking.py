from collections.abc import Callable

import numpy as np
import pytest

from mitokeras.slides.shrinking import area_mean, is_copy, overview, shrunk_window
from tests.slides import noise_image, shrink

Reader = Callable[[int, int, int, int, int], np.ndarray]


def reader(levels: list[np.ndarray], used: set[int]) -> Reader:
    def read(level: int, x: int, y: int, width: int, height: int) -> np.ndarray:
        assert x >= 0
        assert y >= 0
        window = levels[level][y : y + height, x : x + width]
        assert window.shape == (height, width, 3), "a window leaves the level"
        used.add(level)
        return window

    return read


def sizes(levels: list[np.ndarray]) -> list[tuple[int, int]]:
    return [(level.shape[1], level.shape[0]) for level in levels]


def mean_by_hand(image: np.ndarray, factor: int) -> np.ndarray:
    """The documented mean, pixel by pixel."""
    rows, columns = -(-image.shape[0] // factor), -(-image.shape[1] // factor)
    means = [
        [
            image[i * factor : (i + 1) * factor, j * factor : (j + 1) * factor].mean((0, 1))
            for j in range(columns)
        ]
        for i in range(rows)
    ]
    return np.array(means)


def test_the_mean_of_what_is_left_at_the_border() -> None:
    image = np.zeros((3, 3, 3), np.uint8)
    image[:2, :2] = [[[10], [20]], [[30], [40]]]
    image[2, 2] = 7
    image[:2, 2] = 8
    assert area_mean(image, 2)[..., 0].tolist() == [[25, 8], [0, 7]]


@pytest.mark.parametrize("factor", [1, 2, 7, 16, 200])
def test_the_mean_of_level_0(factor: int) -> None:
    image = np.random.default_rng(0).integers(0, 256, (150, 131, 3), np.uint8)
    got = overview(sizes([image]), factor, reader([image], set()))
    assert got.dtype == np.uint8
    assert np.abs(got - mean_by_hand(image, factor)).max() <= 0.51


def test_blocks_leave_no_seams(monkeypatch: pytest.MonkeyPatch) -> None:
    image = np.random.default_rng(0).integers(0, 256, (150, 131, 3), np.uint8)
    whole = overview(sizes([image]), 5, reader([image], set()))
    monkeypatch.setattr("mitokeras.slides.shrinking.BLOCK_PX", 32)
    assert np.array_equal(overview(sizes([image]), 5, reader([image], set())), whole)


@pytest.mark.parametrize(
    ("factor", "level", "worst"),
    [(3, 0, 1), (4, 1, 1), (8, 1, 2), (16, 2, 1), (64, 2, 2), (15, 1, 3)],
)
def test_the_coarsest_level_that_is_fine_enough(factor: int, level: int, worst: float) -> None:
    image = noise_image(1000, 1310, grain_px=250)  # 1310 / 81 = 16.2, as scanners round it
    levels = [image, shrink(image, 4), shrink(image, 16)]
    used: set[int] = set()
    got = overview(sizes(levels), factor, reader(levels, used))
    assert used == {level}
    expected = mean_by_hand(image, factor)
    assert got.shape == expected.shape
    # The last row and column may lie on what the rounding of the level left out.
    assert np.abs(got[:-1, :-1] - expected[:-1, :-1]).max() <= worst
    assert np.abs(got - expected).mean() < 1


def test_shrink_is_positive() -> None:
    with pytest.raises(ValueError, match="at least 1"):
        overview([(1, 1)], 0, reader([], set()))


@pytest.mark.parametrize("shrink_by", [1, 2, 3, 8])
def test_a_window_is_that_of_the_overview(shrink_by: int) -> None:
    image = np.random.default_rng(0).integers(0, 256, (96, 120, 3), np.uint8)
    levels = [image, shrink(image, 4)]
    whole = overview(sizes(levels), shrink_by, reader(levels, set()))
    corner = 24, 48
    used: set[int] = set()
    part = shrunk_window(sizes(levels), shrink_by, reader(levels, used), corner, (72, 24))
    x, y = corner[0] // shrink_by, corner[1] // shrink_by
    of_whole = whole[y : y + 24 // shrink_by, x : x + 72 // shrink_by]
    assert np.abs(part.astype(int) - of_whole).max() <= 1
    assert used == ({1} if shrink_by == 8 else {0})


def test_a_window_at_the_border_of_a_rounded_level() -> None:
    image = np.random.default_rng(0).integers(0, 256, (131, 150, 3), np.uint8)
    levels = [image, shrink(image[:128, :148], 4)]
    part = shrunk_window(sizes(levels), 4, reader(levels, set()), (128, 128), (22, 3))
    assert part.shape == (1, 6, 3)


@pytest.mark.parametrize(
    ("level", "is_one"),
    [
        ((46000, 32914), True),
        ((11500, 8228), True),  # 32914 / 4 = 8228.5
        ((2875, 2057), True),
        ((89, 64), True),  # 46000 / 512 = 89.8, 32914 / 512 = 64.3
        ((250, 128), False),  # 46000 / 184 = 250, 32914 / 184 = 179
        ((387, 463), False),
    ],
)
def test_copies_have_the_shape_of_the_picture(level: tuple[int, int], is_one: bool) -> None:
    assert is_copy((46000, 32914), level) is is_one
