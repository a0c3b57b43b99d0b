"""Square windows of a field, mirrored where they leave it, and a bounded number at a time."""

from __future__ import annotations

from collections.abc import Callable

import tensorflow as tf


def mirrored(positions: tf.Tensor, length: tf.Tensor) -> tf.Tensor:
    """Reflect positions into 0..length - 1 without repeating the ends, as often as it takes.

    This is OpenCV's BORDER_REFLECT_101; a length of one gives zeros.

    Args:
        positions: int32, any shape.
        length: int32, broadcast against the positions.
    """
    period = tf.maximum(2 * (length - 1), 1)
    phase = tf.math.floormod(positions, period)
    return tf.minimum(phase, period - phase)


def cut(image: tf.Tensor, rows: tf.Tensor, columns: tf.Tensor) -> tf.Tensor:
    """Gather windows from an image.

    Args:
        image: Shape (height, width, 3).
        rows: The image's row of each row of each window, int32, shape (n, window).
        columns: The same of the columns.

    Returns:
        Shape (n, window, window, 3).
    """
    places = rows[:, :, None] * tf.shape(image)[1] + columns[:, None, :]
    return tf.gather(tf.reshape(image, (-1, 3)), places)


def over_chunks(
    function: Callable[[tf.Tensor], tf.Tensor],
    corners: tf.Tensor,
    chunk: int,
    result_shape: tuple[int, ...],
) -> tf.Tensor:
    """Apply a function to a few windows at a time, so that memory does not grow with them.

    Args:
        function: From the corners of at most `chunk` windows to float32, shape
            (windows, *result_shape).
        corners: Top left (y, x) of each window, int32, shape (n, 2), any n.
        chunk: Windows a call.
        result_shape: Shape of the result of one window.

    Returns:
        The results of all, shape (n, *result_shape).
    """
    count = tf.shape(corners)[0]
    calls = (count + chunk - 1) // chunk

    def call(index: tf.Tensor, results: tf.TensorArray) -> tuple[tf.Tensor, tf.TensorArray]:
        part = corners[index * chunk : (index + 1) * chunk]
        return index + 1, results.write(index, function(part))

    results = tf.TensorArray(
        tf.float32, calls, infer_shape=False, element_shape=(None, *result_shape)
    )
    # One call after the other; by default ten would be under way, and in memory, at once.
    _, results = tf.while_loop(
        lambda index, results: index < calls, call, (0, results), parallel_iterations=1
    )
    return results.concat()
