import cv2
import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis.extra.numpy import array_shapes, arrays

from mitokeras.export.savedmodel.graph.components import components

traced = tf.function(components, input_signature=[tf.TensorSpec((None, None), tf.bool)])


def assert_as_opencv(mask: np.ndarray, count: int | None = None) -> None:
    """Hold the result against OpenCV's, renumbered by first pixel; or against a known count."""
    expected_count, labels = cv2.connectedComponents(mask.view(np.uint8), connectivity=8)
    own = labels[mask]
    values, first = np.unique(own, return_index=True)
    rank = np.zeros(expected_count, dtype=int)
    rank[values[np.argsort(first)]] = np.arange(len(values))
    found = traced(tf.constant(mask))
    np.testing.assert_array_equal(found.pixels, np.argwhere(mask))
    np.testing.assert_array_equal(found.number, rank[own])
    assert found.count == expected_count - 1
    assert count is None or found.count == count


@settings(max_examples=150, deadline=None)
@given(arrays(bool, array_shapes(min_dims=2, max_dims=2, max_side=13)))
def test_any_mask(mask: np.ndarray) -> None:
    assert_as_opencv(mask)


@pytest.mark.parametrize("share", [0.05, 0.3, 0.41, 0.5, 0.6, 0.95])
def test_noise(share: float) -> None:
    for seed in range(3):
        noise = np.random.default_rng(seed).random((167, 211))
        assert_as_opencv(noise < share)


def spiral(edge: int) -> np.ndarray:
    """A line one pixel wide that winds inwards with one pixel of background between turns."""
    mask = np.zeros((edge, edge), dtype=bool)
    y, x, dy, dx = 0, -1, 0, 1
    for length in [edge, *np.arange(edge - 1, 0, -2).repeat(2)]:
        for _ in range(length):
            y, x = y + dy, x + dx
            mask[y, x] = True
        dy, dx = dx, -dy
    return mask


def snake(height: int, width: int) -> np.ndarray:
    mask = np.zeros((height, width), dtype=bool)
    mask[::2] = True
    mask[1::4, -1] = True
    mask[3::4, 0] = True
    return mask


def comb(height: int, width: int) -> np.ndarray:
    """Teeth that meet only in the last row."""
    mask = np.zeros((height, width), dtype=bool)
    mask[:, ::2] = True
    mask[-1] = True
    return mask


y, x = np.indices((128, 141))


@pytest.mark.parametrize(
    ("mask", "count"),
    [
        (spiral(131), 1),
        (np.rot90(spiral(131)).copy(), 1),
        (np.rot90(spiral(131), 2).copy(), 1),
        (snake(121, 150), 1),
        (snake(121, 150).T.copy(), 1),
        (comb(90, 151), 1),
        (comb(90, 151)[::-1].copy(), 1),
        ((x + y) % 2 == 0, 1),  # a checkerboard hangs together by its corners
        ((x % 2 == 0) & (y % 2 == 0), 64 * 71),
        ((x - y) % 3 == 0, 89),  # diagonals, none touching the next: -127..140 in threes
        (np.zeros((40, 30), dtype=bool), 0),
        (np.ones((200, 300), dtype=bool), 1),
        (np.ones((1, 1), dtype=bool), 1),
        (np.zeros((1, 1), dtype=bool), 0),
        (np.ones((1, 50), dtype=bool), 1),
        (np.ones((50, 1), dtype=bool), 1),
    ],
)
def test_shapes_that_are_hard_or_small(mask: np.ndarray, count: int) -> None:
    assert_as_opencv(mask, count)


def test_the_ends_of_a_row_do_not_touch_the_next_row() -> None:
    mask = np.zeros((3, 4), dtype=bool)
    mask[0, 3] = mask[1, 0] = mask[2, 3] = True
    assert_as_opencv(mask, 3)
