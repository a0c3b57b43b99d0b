import keras
import numpy as np
import pytest

from mitokeras.models.attention import ChannelAttention
from mitokeras.models.windows import Axis, Spread, Window, window_max, window_mean


@pytest.mark.parametrize(
    ("side_px", "window_px", "cell_px", "expected", "count"),
    [
        (560, 96, 8, Axis(70, 12), 59),
        (12, 24, 2, Axis(6, 6), 1),  # smaller than a window
        (24, 24, 2, Axis(12, 12), 1),
        (24, None, 2, Axis(12, 12), 1),
    ],
)
def test_windows_of_a_side(
    side_px: int, window_px: int | None, cell_px: int, expected: Axis, count: int
) -> None:
    axis = Axis.of(side_px, window_px, cell_px)
    assert axis == expected
    assert axis.count == count


def test_what_a_window_gives_counts_at_its_centre() -> None:
    # of cells 0-2, 1-3 and 2-4, with centres in the middle of cells 1, 2 and 3
    odd = [[1, 1, 0, 0, 0], [0, 0, 1, 0, 0], [0, 0, 0, 1, 1]]
    np.testing.assert_allclose(Axis(cells=5, window=3).interpolation(), odd)
    # of cells 0-1, 1-2 and 2-3, with centres at the edges 1, 2 and 3 of cells
    even = [[1, 0.5, 0, 0], [0, 0.5, 0.5, 0], [0, 0, 0.5, 1]]
    np.testing.assert_allclose(Axis(cells=4, window=2).interpolation(), even)


@pytest.mark.parametrize(("height", "width"), [(16, 16), (22, 18), (8, 20), (14, 10), (10, 10)])
def test_mean_and_maximum_of_each_window(height: int, width: int) -> None:
    x = np.random.default_rng(0).normal(size=(2, height, width, 3)).astype("float32")
    down, across = Axis.of(height, 8, 2), Axis.of(width, 8, 2)
    means, maxima = window_mean(x, down, across), window_max(x, down, across)
    assert means.shape == maxima.shape == (2, down.count, across.count, 3)
    for i in range(down.count):
        for j in range(across.count):
            top = 2 * i
            left = 2 * j
            window = x[:, top : top + 8, left : left + 8]
            np.testing.assert_allclose(means[:, i, j], window.mean(axis=(1, 2)), atol=1e-6)
            np.testing.assert_array_equal(maxima[:, i, j], window.max(axis=(1, 2)))


def test_spread_is_bilinear() -> None:
    """A value that is linear in the place of the window gives a plane between the outer centres."""
    window = Window(side_px=16, cell_px=2)
    rows, columns = Axis.of(64, 16, 2), Axis.of(40, 16, 2)
    # centres at 8 px, then every 2 px
    y, x = (8 + 2 * np.arange(axis.count) for axis in (rows, columns))
    values = (2 * y[:, None] + 3 * x)[None, :, :, None].astype("float32")
    like = keras.Input((64, 40, 1))
    layer = Spread((64, 40), window_px=16, cell_px=2)
    spread = layer(values).numpy()[0, :, :, 0]
    pixels_y, pixels_x = np.arange(64) + 0.5, np.arange(40) + 0.5
    expected = 2 * pixels_y[:, None] + 3 * pixels_x
    np.testing.assert_allclose(spread[9:55, 9:31], expected[9:55, 9:31], rtol=1e-5)
    np.testing.assert_allclose(spread[:7, :7], values.min())
    np.testing.assert_allclose(spread[57:, 33:], values.max())
    grid = keras.Input((rows.count, columns.count, 1))
    assert window.spread(grid, like, "spread").shape == (None, 64, 40, 1)


def test_a_single_window_is_not_spread() -> None:
    values = np.ones((2, 1, 1, 3), "float32")
    layer = Spread((24, 24), window_px=24, cell_px=2)
    np.testing.assert_array_equal(layer(values), values)
    assert layer.compute_output_shape(values.shape) == values.shape
    again = Spread.from_config(layer.get_config())
    assert (again.shape, again.window_px, again.cell_px) == ((24, 24), 24, 2)


def test_a_window_of_the_map_gives_the_papers_attention() -> None:
    x = np.random.default_rng(0).normal(size=(2, 24, 24, 5)).astype("float32")
    whole = ChannelAttention()
    whole.build(x.shape)
    for window_px in (24, 48):
        layer = ChannelAttention(window_px=window_px, cell_px=2)
        layer.build(x.shape)
        layer.set_weights(whole.get_weights())
        np.testing.assert_allclose(layer(x), whole(x), rtol=1e-6)


def test_attention_of_a_place_does_not_depend_on_the_map() -> None:
    """Half of a large map gives the windows that lie in it the attention they have in the whole."""
    x = np.random.default_rng(0).normal(size=(1, 64, 64, 5)).astype("float32")
    layer = ChannelAttention(window_px=16, cell_px=2)
    layer.build(x.shape)
    large, small = layer(x).numpy(), layer(x[:, 16:48, 8:40]).numpy()
    assert layer.compute_output_shape(x.shape) == large.shape == (1, 25, 25, 5)
    assert small.shape == (1, 9, 9, 5)
    np.testing.assert_allclose(small, large[:, 8:17, 4:13], rtol=1e-5)


def test_attention_of_a_window_is_that_of_its_crop() -> None:
    x = np.random.default_rng(1).normal(size=(1, 32, 40, 4)).astype("float32")
    windowed, whole = ChannelAttention(window_px=16, cell_px=4), ChannelAttention()
    windowed.build(x.shape)
    whole.build(x.shape)
    whole.set_weights(windowed.get_weights())
    found = windowed(x).numpy()
    for i, top in enumerate(range(0, 17, 4)):
        for j, left in enumerate(range(0, 25, 4)):
            crop = x[:, top : top + 16, left : left + 16]
            np.testing.assert_allclose(found[:, i, j], whole(crop)[:, 0, 0], rtol=1e-5)
