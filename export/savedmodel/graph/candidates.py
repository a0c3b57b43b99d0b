"""From a probability map to candidates and their crops, as `mitokeras.detect.candidates` does."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import tensorflow as tf

from mitokeras.export.savedmodel.graph.components import components
from mitokeras.export.savedmodel.graph.tiles import Network
from mitokeras.export.savedmodel.graph.windows import cut, mirrored, over_chunks

CROPS_A_CALL = 64


class Found(NamedTuple):
    """The candidates of stage 1.

    Attributes:
        xy: Centroids (x, y) in pixels of the field, float64, shape (k, 2).
        area_px: Pixels above the threshold, int32, shape (k,).
        peak: Highest probability inside, float32, shape (k,).
    """

    xy: tf.Tensor
    area_px: tf.Tensor
    peak: tf.Tensor


def find_candidates(probability: tf.Tensor, threshold: float, min_area_px: int) -> Found:
    """Connected regions above the threshold, in the order of their first pixels.

    Args:
        probability: Map of the field, float32, shape (height, width).
        threshold: A pixel belongs to a region when its probability is greater.
        min_area_px: A region is kept when its area is greater.
    """
    pixels, number, count = components(probability > threshold)
    area = tf.math.unsorted_segment_sum(tf.ones_like(number), number, count)
    total_yx = tf.math.unsorted_segment_sum(tf.cast(pixels, tf.float64), number, count)
    peak = tf.math.unsorted_segment_max(tf.gather_nd(probability, pixels), number, count)
    kept = tf.where(area > min_area_px)[:, 0]
    area = tf.gather(area, kept)
    total_xy = tf.gather(total_yx, kept)[:, ::-1]
    return Found(total_xy / tf.cast(area, tf.float64)[:, None], area, tf.gather(peak, kept))


def cut_crops(image: tf.Tensor, corners: tf.Tensor, crop_px: int) -> tf.Tensor:
    """Cut squares; outside the field the whole field is mirrored.

    Args:
        image: RGB, uint8, shape (height, width, 3).
        corners: Top left (y, x) of each square, int32, shape (n, 2).
        crop_px: Edge of the square.

    Returns:
        uint8, shape (n, crop_px, crop_px, 3).
    """
    positions = corners[:, None, :] + tf.range(crop_px)[None, :, None]  # (n, crop_px, 2)
    inside = mirrored(positions, tf.shape(image)[:2])
    return cut(image, inside[..., 0], inside[..., 1])


def classifier_scores(
    image: tf.Tensor, xy: tf.Tensor, classify: Network, crop_px: int
) -> tf.Tensor:
    """What a network of stage 2 or 3 says about the crop at each centre.

    Args:
        image: RGB, uint8, shape (height, width, 3).
        xy: Centres, float64, shape (k, 2), any k.
        classify: The network.
        crop_px: Edge of a crop, even.

    Returns:
        float32, shape (k,).
    """
    # In float32 a centroid just below a half would round up to the next pixel.
    corners = tf.cast(tf.floor(xy[:, ::-1] + 0.5), tf.int32) - crop_px // 2
    return over_chunks(
        lambda part: classify(cut_crops(image, part, crop_px))[:, 0], corners, CROPS_A_CALL, ()
    )


def atypical_scores(
    image: tf.Tensor, xy: tf.Tensor, accepted: tf.Tensor, subtype: Network, crop_px: int
) -> tf.Tensor:
    """Probability of an atypical mitotic figure at each accepted centre.

    Args:
        image: RGB, uint8, shape (height, width, 3).
        xy: Centres, float64, shape (k, 2), any k.
        accepted: Which of them are taken for mitotic figures, bool, shape (k,).
        subtype: Stage 3.
        crop_px: Edge of a crop, even.

    Returns:
        float32, shape (k,); NaN where a centre is not accepted.
    """
    rows = tf.where(accepted)
    scores = classifier_scores(image, tf.gather_nd(xy, rows), subtype, crop_px)
    unknown = tf.fill(tf.shape(accepted), np.float32(np.nan))
    return tf.tensor_scatter_nd_update(unknown, rows, scores)
