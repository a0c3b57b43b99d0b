"""Stage 1 over a field of any size; the planes are those of `mitokeras.detect.tiling`."""

from __future__ import annotations

from collections.abc import Callable

import tensorflow as tf

from mitokeras.data.sizes import Tiling
from mitokeras.detect.windows import WHOLE_PX
from mitokeras.export.savedmodel.graph.windows import cut, mirrored, over_chunks

Network = Callable[[tf.Tensor], tf.Tensor]
"""RGB, uint8 (n, height, width, 3) -> probability, float32: (n, height, width, 1) of a segmenter,
(n, 1) of a classifier."""

TILES_A_CALL = 4


def cut_tiles(image: tf.Tensor, cores: tf.Tensor, tile_px: int, halo_px: int) -> tf.Tensor:
    """Cut the tiles of some cores.

    Outside the field a tile mirrors the rows and columns of the field that lie inside itself.

    Args:
        image: RGB, uint8, shape (height, width, 3).
        cores: Top left (y, x) of each core in the field, int32, shape (n, 2).
        tile_px: Edge of a tile.
        halo_px: Context on each side of a tile.

    Returns:
        uint8, shape (n, tile_px, tile_px, 3).
    """
    top_left = cores - halo_px
    begin = tf.maximum(top_left, 0)
    length = tf.minimum(top_left + tile_px, tf.shape(image)[:2]) - begin
    positions = top_left[:, None, :] + tf.range(tile_px)[None, :, None]  # (n, tile_px, 2)
    inside = mirrored(positions - begin[:, None, :], length[:, None, :]) + begin[:, None, :]
    return cut(image, inside[..., 0], inside[..., 1])


def probability_map(
    image: tf.Tensor, segment: Network, tile_px: int, halo_px: int, tiling: Tiling = "halo"
) -> tf.Tensor:
    """Segment a field tile by tile, as `mitokeras.detect.tiling.probability_map` does.

    Args:
        image: RGB, uint8, shape (height, width, 3).
        segment: Stage 1.
        tile_px: Edge of its input.
        halo_px: Context on each side of a tile; windows have none.
        tiling: Whether a field in one piece goes by windows of `tile_px`.

    Returns:
        Probability of mitotic figure, float32, shape (height, width).
    """
    if tiling == "halo":
        return _once(image, segment, tile_px, halo_px)
    return tf.cond(
        tf.size(image, tf.int64) // 3 <= WHOLE_PX,
        lambda: _averaged(image, segment, tile_px),
        lambda: _once(image, segment, tile_px, halo_px),
    )


def _once(image: tf.Tensor, segment: Network, tile_px: int, halo_px: int) -> tf.Tensor:
    """The map from tiles with a halo, each pixel from one."""
    height, width = tf.unstack(tf.shape(image)[:2])
    core_px = tile_px - 2 * halo_px
    tops, lefts = tf.range(0, height, core_px), tf.range(0, width, core_px)
    cores = tf.reshape(tf.stack(tf.meshgrid(tops, lefts, indexing="ij"), axis=-1), (-1, 2))
    inner = slice(halo_px, halo_px + core_px)
    maps = over_chunks(
        lambda part: segment(cut_tiles(image, part, tile_px, halo_px))[:, inner, inner, 0],
        cores,
        TILES_A_CALL,
        (core_px, core_px),
    )
    down, across = tf.size(tops), tf.size(lefts)
    grid = tf.reshape(maps, (down, across, core_px, core_px))
    whole = tf.reshape(tf.transpose(grid, (0, 2, 1, 3)), (down * core_px, across * core_px))
    return whole[:height, :width]


def _averaged(image: tf.Tensor, segment: Network, window_px: int) -> tf.Tensor:
    """The map from windows, each pixel the mean over those that cover it.

    One row of windows after the other is added up, so that memory does not grow with them.
    """
    height, width = tf.unstack(tf.shape(image)[:2])
    tops, lefts = _window_starts(height, window_px), _window_starts(width, window_px)
    columns = _inside(lefts, width, window_px)

    def add_row(i: tf.Tensor, total: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        corners = tf.stack([tf.fill(tf.shape(lefts), tops[i]), lefts], axis=1)
        maps = over_chunks(
            lambda part: segment(cut_tiles(image, part, window_px, 0))[..., 0],
            corners,
            1,
            (window_px, window_px),
        )
        by_column = tf.reshape(tf.transpose(maps, (0, 2, 1)), (-1, window_px))
        row = tf.transpose(tf.math.unsorted_segment_sum(by_column, columns, width))
        own = tf.minimum(window_px, height)
        places = tf.range(tops[i], tops[i] + own)[:, None]
        return i + 1, tf.tensor_scatter_nd_add(total, places, row[:own])

    _, total = tf.while_loop(
        lambda i, total: i < tf.size(tops),
        add_row,
        (0, tf.zeros((height, width))),
        shape_invariants=(tf.TensorShape([]), tf.TensorShape([None, None])),
        parallel_iterations=1,
    )
    rows = _inside(tops, height, window_px)
    return total / _covered(rows, height)[:, None] / _covered(columns, width)


def _window_starts(side_px: tf.Tensor, window_px: int) -> tf.Tensor:
    """As `mitokeras.detect.windows.window_starts`, int32."""
    side = tf.cast(side_px, tf.int64)  # the product below may pass int32
    gaps = (side - 1) // window_px
    return tf.cast(tf.range(gaps + 1) * (side - window_px) // tf.maximum(gaps, 1), tf.int32)


def _inside(starts: tf.Tensor, side_px: tf.Tensor, window_px: int) -> tf.Tensor:
    """The pixel of the side that each pixel of each window lies on, -1 beyond; shape (n,)."""
    places = tf.reshape(starts[:, None] + tf.range(window_px), (-1,))
    return tf.where(places < side_px, places, -1)


def _covered(places: tf.Tensor, side_px: tf.Tensor) -> tf.Tensor:
    """Number of windows over each pixel of a side, float32."""
    return tf.math.unsorted_segment_sum(tf.ones_like(places, tf.float32), places, side_px)
