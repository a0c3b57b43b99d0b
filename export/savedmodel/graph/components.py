"""Connected components of a mask with core TensorFlow operations.

The nodes are the horizontal runs of foreground pixels, at most as many as these and mostly far
fewer. Two runs touch when they lie in adjacent rows and their columns overlap or meet at a
corner. Each node knows a smaller node of its component, its root in the end. A round hooks each
root to the smallest root that it touches, then shortens all paths by pointer jumping.

A round merges each root that has a smaller neighbour. A root without one either gained a
neighbour or has a smaller one in the next round, as its neighbour went to a smaller root. So two
rounds at least halve the roots of a component, whatever its shape.
"""

from __future__ import annotations

from typing import NamedTuple

import tensorflow as tf


class Components(NamedTuple):
    """The components of a mask.

    Attributes:
        pixels: Foreground pixels (y, x) in reading order, int64, shape (n, 2).
        number: Component of each pixel, int32, shape (n,), 0 to `count` - 1 in the order of
            their first pixels.
        count: Number of components, int32, scalar.
    """

    pixels: tf.Tensor
    number: tf.Tensor
    count: tf.Tensor


def components(foreground: tf.Tensor) -> Components:
    """Find the 8-connected components of a mask.

    Args:
        foreground: bool, shape (height, width), any size.
    """
    starts = foreground & ~tf.pad(foreground[:, :-1], [[0, 0], [1, 0]])
    stops = foreground & ~tf.pad(foreground[:, 1:], [[0, 0], [0, 1]])
    # One column of background behind each row keeps the runs of different rows apart.
    stride = tf.shape(foreground, tf.int64)[1] + 1
    first = _positions(starts, stride)
    last = _positions(stops, stride)
    count = tf.size(first)
    root = _roots(count, *_contacts(first, last, stride))

    is_root = tf.cast(root == tf.range(count), tf.int32)
    number_of_run = tf.gather(tf.cumsum(is_root) - 1, root)
    pixels = tf.where(foreground)
    run_of_pixel = tf.cumsum(tf.cast(tf.gather_nd(starts, pixels), tf.int32)) - 1
    return Components(pixels, tf.gather(number_of_run, run_of_pixel), tf.reduce_sum(is_root))


def _positions(mask: tf.Tensor, stride: tf.Tensor) -> tf.Tensor:
    yx = tf.where(mask)
    return yx[:, 0] * stride + yx[:, 1]


def _contacts(first: tf.Tensor, last: tf.Tensor, stride: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
    """Pairs of runs that touch: the upper and the lower one of each, int32, shape (m,)."""
    # The runs above that a run touches follow one another.
    begin = _count_below(last, first - stride - 1)
    end = _count_below(first, last - stride + 2)
    touched = end - begin
    stop = tf.cumsum(touched)
    pair = tf.range(tf.reduce_sum(touched))
    lower = _count_below(stop, pair + 1)
    upper = pair - tf.gather(stop - end, lower)
    return upper, lower


def _count_below(ascending: tf.Tensor, values: tf.Tensor) -> tf.Tensor:
    # tf.searchsorted is the same but fails on an empty sequence.
    return tf.raw_ops.LowerBound(sorted_inputs=ascending[None], values=values[None])[0]


def _roots(count: tf.Tensor, upper: tf.Tensor, lower: tf.Tensor) -> tf.Tensor:
    """The smallest node that each node is connected to, int32, shape (count,).

    Args:
        count: Number of nodes.
        upper: The smaller node of each pair.
        lower: The greater node of each pair.
    """

    def merge(
        root: tf.Tensor, low: tf.Tensor, high: tf.Tensor
    ) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
        hooked = tf.minimum(root, tf.math.unsorted_segment_min(low, high, count))
        root = _flattened(hooked)
        low, high = tf.gather(root, low), tf.gather(root, high)
        apart = tf.where(low != high)[:, 0]
        low, high = tf.gather(low, apart), tf.gather(high, apart)
        return root, tf.minimum(low, high), tf.maximum(low, high)

    pairs = tf.TensorShape([None])
    return tf.while_loop(
        lambda root, low, high: tf.size(low) > 0,
        merge,
        (tf.range(count), upper, lower),
        shape_invariants=(pairs, pairs, pairs),
        parallel_iterations=1,
    )[0]


def _flattened(parent: tf.Tensor) -> tf.Tensor:
    """Pointer jumping until each node points to its root."""
    return tf.while_loop(
        lambda parent, next_parent: tf.reduce_any(parent != next_parent),
        lambda parent, next_parent: (next_parent, tf.gather(next_parent, next_parent)),
        (parent, tf.gather(parent, parent)),
        parallel_iterations=1,
    )[0]
