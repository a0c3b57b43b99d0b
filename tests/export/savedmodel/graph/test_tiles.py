import cv2
import numpy as np
import pytest
import tensorflow as tf

from mitokeras.detect.tiling import TileGrid
from mitokeras.detect.tiling import probability_map as reference_map
from mitokeras.export.savedmodel.graph.tiles import cut_tiles, probability_map

TILE, HALO = 32, 6
SIZES = [(1, 1), (1, 40), (7, 5), (20, 20), (21, 20), (31, 33), (45, 26), (67, 103), (200, 19)]


def random_image(height: int, width: int) -> np.ndarray:
    return np.random.default_rng(height).integers(0, 256, (height, width, 3), dtype=np.uint8)


@pytest.mark.parametrize(("height", "width"), SIZES)
@pytest.mark.parametrize("halo_px", [0, HALO, 15])
def test_tiles_are_those_of_the_grid(height: int, width: int, halo_px: int) -> None:
    image = random_image(height, width)
    grid = TileGrid(height, width, TILE, halo_px)
    cores = list(grid.cores())[:40]
    tiles = cut_tiles(tf.constant(image), tf.constant(cores, tf.int32), TILE, halo_px)
    np.testing.assert_array_equal(tiles, [grid.read(image, core) for core in cores])


def blurred(tiles: np.ndarray) -> np.ndarray:
    """Darkness about each pixel; all sums are whole numbers, so they are exact in float32."""
    grey = tiles.sum(axis=3, dtype=np.int32).astype(np.float32)
    border = cv2.BORDER_CONSTANT
    sums = [cv2.boxFilter(g, -1, (9, 9), normalize=False, borderType=border) for g in grey]
    return 1 - np.stack(sums) / np.float32(81 * 765)


def blurred_graph(tiles: tf.Tensor) -> tf.Tensor:
    grey = tf.reduce_sum(tf.cast(tiles, tf.float32), axis=3, keepdims=True)
    return 1 - tf.nn.conv2d(grey, tf.ones((9, 9, 1, 1)), 1, "SAME") / (81 * 765)


@tf.function(input_signature=[tf.TensorSpec((None, None, 3), tf.uint8)])
def graph_map(image: tf.Tensor) -> tf.Tensor:
    return probability_map(image, blurred_graph, TILE, HALO)


@pytest.mark.parametrize(("height", "width"), SIZES)
def test_the_map_is_that_of_the_library(height: int, width: int) -> None:
    image = random_image(height, width)
    expected = reference_map(image, blurred, TILE, HALO)
    np.testing.assert_allclose(graph_map(image), expected, rtol=0, atol=1e-6)


@tf.function(input_signature=[tf.TensorSpec((None, None, 3), tf.uint8)])
def graph_of_windows(image: tf.Tensor) -> tf.Tensor:
    return probability_map(image, blurred_graph, TILE, HALO, "windows")


@pytest.mark.parametrize(("height", "width"), [*SIZES, (32, 64), (96, 97)])
def test_the_mean_of_windows_is_that_of_the_library(height: int, width: int) -> None:
    image = random_image(height, width)
    expected = reference_map(image, blurred, TILE, HALO, "windows")
    np.testing.assert_allclose(graph_of_windows(image), expected, rtol=0, atol=1e-6)


def test_a_slide_keeps_its_halo_in_the_graph_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mitokeras.export.savedmodel.graph.tiles.WHOLE_PX", 67 * 103 - 1)
    graph = tf.function(graph_of_windows.python_function)
    for height, width, tiling in ((67, 103, "halo"), (67, 102, "windows")):
        image = random_image(height, width)
        expected = reference_map(image, blurred, TILE, HALO, tiling)
        np.testing.assert_allclose(graph(tf.constant(image)), expected, rtol=0, atol=1e-6)
