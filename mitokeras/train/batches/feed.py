"""Samples become batches, through tf.data or as plain NumPy arrays."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import tensorflow as tf

Sampler = Callable[[int], tuple[np.ndarray, np.ndarray]]
"""Index -> image, RGB uint8 (edge, edge, 3), and target."""


def tf_batches(sampler: Sampler, batch: int, first: int = 0) -> tf.data.Dataset:
    """Endless batches, from the sample of index `first` on, in order."""
    import tensorflow as tf

    image, target = sampler(first)

    def load(index: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        # OpenCV and HDF5 do the work outside of Python's lock.
        pair = tf.numpy_function(
            lambda i: sampler(int(i)), [index], [image.dtype, target.dtype], stateful=False
        )
        return tf.ensure_shape(pair[0], image.shape), tf.ensure_shape(pair[1], target.shape)

    options = tf.data.Options()
    # A pool of its own: TensorFlow's may have one thread only, see `devices.add_up_in_order`.
    options.threading.private_threadpool_size = os.cpu_count() or 1
    return (
        tf.data.Dataset.range(first, np.iinfo(np.int64).max)
        # In order whatever finishes first: the same seed gives the same training.
        .map(load, num_parallel_calls=tf.data.AUTOTUNE, deterministic=True)
        .batch(batch, drop_remainder=True)
        .prefetch(2)
        .with_options(options)
    )


def numpy_batches(
    sampler: Sampler, batch: int, first: int = 0
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """The same batches without TensorFlow, for the other backends of Keras."""
    while True:
        images, targets = zip(*(sampler(first + i) for i in range(batch)), strict=True)
        yield np.stack(images), np.stack(targets)
        first += batch
