"""Stage 1 over a field of any size; the planes are those of `mitokeras.detect.tiling`."""

from __future__ import annotations

from collections.abc import Callable

import tensorflow as tf

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


def probability_map(image: tf.Tensor, segment: Network, tile_px: int, halo_px: int) -> tf.Tensor:
    """Segment a field tile by tile, as `mitokeras.detect.tiling.probability_map` does.

    Args:
        image: RGB, uint8, shape (height, width, 3).
        segment: Stage 1.
        tile_px: Edge of its input.
        halo_px: Context on each side of a tile.

    Returns:
        Probability of mitotic figure, float32, shape (height, width).
    """
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
