"""Macenko stain normalisation as `mitokeras.data.stain` does it."""

from __future__ import annotations

import math

import tensorflow as tf

from mitokeras.data.stain import (
    ANGLE_PERCENTILE,
    MAX_PERCENTILE,
    MIN_ANGLE_DEGREES,
    MIN_SPREAD,
    MIN_TISSUE,
    SAMPLED_PIXELS,
    TISSUE_OD,
    WHITE,
    MacenkoNormalizer,
)


def normalized(image: tf.Tensor, normalizer: MacenkoNormalizer) -> tf.Tensor:
    """Bring the stains of an image to those of the normaliser's reference.

    Args:
        image: RGB, uint8, shape (height, width, 3).
        normalizer: Holds the reference.

    Returns:
        uint8, the same shape; the image itself where no two stains are found in it.
    """
    sample = _sampled(image)
    density = _optical_density(sample)
    brightest = tf.cast(tf.reduce_max(sample, axis=1), tf.float64)
    tissue = tf.boolean_mask(density, brightest < WHITE * math.exp(-TISSUE_OD) - 1)
    pixels = tf.cast(tf.shape(density)[0], tf.float64)
    tissue_pixels = tf.cast(tf.shape(tissue)[0], tf.float64)

    def with_tissue() -> tf.Tensor:
        matrix, maxima, usable = _estimate(density, tissue)
        return tf.cond(usable, lambda: _remix(image, normalizer, matrix, maxima), lambda: image)

    enough = (tissue_pixels >= 3) & (tissue_pixels >= MIN_TISSUE * pixels)
    # The eigenvalues of too few pixels would be an error, not a number.
    return tf.ensure_shape(tf.cond(enough, with_tissue, lambda: image), image.shape)


def _sampled(image: tf.Tensor) -> tf.Tensor:
    pixels = tf.cast(tf.size(image, tf.int64) // 3, tf.float64)
    step = tf.bitwise.bitwise_or(tf.cast(tf.sqrt(pixels / SAMPLED_PIXELS), tf.int32), 1)
    return tf.reshape(image[::step, ::step], (-1, 3))


def _optical_density(levels: tf.Tensor) -> tf.Tensor:
    return -tf.math.log((tf.cast(levels, tf.float32) + 1.0) / WHITE)


def _estimate(density: tf.Tensor, tissue: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
    """Stain matrix (3, 2), both 99th percentiles (2,), and whether two stains were found."""
    exact = tf.cast(tissue, tf.float64)
    centred = exact - tf.reduce_mean(exact, axis=0)
    covariance = tf.matmul(centred, centred, transpose_a=True) / (
        tf.cast(tf.shape(tissue)[0], tf.float64) - 1
    )
    spreads, axes = tf.linalg.eigh(covariance)
    plane = axes[:, 1:]
    projected = tf.matmul(tissue, tf.cast(plane, tf.float32))
    angles = tf.cast(tf.atan2(projected[:, 1], projected[:, 0]), tf.float64)
    ends = tf.stack(
        [
            -_high_percentile(-angles, 100 - ANGLE_PERCENTILE),
            _high_percentile(angles, 100 - ANGLE_PERCENTILE),
        ]
    )
    matrix = tf.matmul(plane, tf.stack([tf.cos(ends), tf.sin(ends)]))
    # Haematoxylin takes more of the red light.
    matrix = tf.gather(matrix, tf.argsort(-matrix[0]), axis=1)

    unmixing = tf.cast(tf.linalg.pinv(matrix), tf.float32)
    concentrations = tf.matmul(density, unmixing, transpose_b=True)
    maxima = tf.stack(
        [_high_percentile(concentrations[:, stain], MAX_PERCENTILE) for stain in range(2)]
    )
    far_apart = ends[1] - ends[0] >= math.radians(MIN_ANGLE_DEGREES)
    usable = (spreads[2] >= MIN_SPREAD) & far_apart & tf.reduce_all(maxima > 0)
    return matrix, tf.cast(maxima, tf.float64), usable


def _high_percentile(values: tf.Tensor, percentile: float) -> tf.Tensor:
    """A percentile above 50 with linear interpolation; only the values above it are sorted."""
    count = tf.size(values)
    rank = percentile / 100 * tf.cast(count - 1, tf.float64)
    below = tf.cast(tf.floor(rank), tf.int32)
    top = tf.math.top_k(values, count - below).values
    low = tf.cast(top[-1], tf.float64)
    high = tf.cast(top[tf.maximum(count - below - 2, 0)], tf.float64)
    return low + (rank - tf.floor(rank)) * (high - low)


def _remix(
    image: tf.Tensor, normalizer: MacenkoNormalizer, matrix: tf.Tensor, maxima: tf.Tensor
) -> tf.Tensor:
    reference = tf.constant(normalizer.stain_matrix, tf.float64)
    scale = tf.constant(normalizer.max_concentrations, tf.float64) / maxima
    mixing = tf.cast(tf.matmul(reference * scale, tf.linalg.pinv(matrix)), tf.float32)
    density = tf.reshape(_optical_density(image), (-1, 3))
    light = WHITE * tf.exp(-tf.matmul(density, mixing, transpose_b=True))
    # The public implementations cut the fraction off.
    levels = tf.saturate_cast(tf.round(light - 0.5), tf.uint8)
    return tf.reshape(levels, tf.shape(image))
