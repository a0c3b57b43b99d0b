"""A Keras model as a TensorFlow function without variables, which every format starts from."""

from __future__ import annotations

from typing import Any

import keras
import tensorflow as tf
from tensorflow.python.framework.convert_to_constants import convert_variables_to_constants_v2

from mitokeras.runners.runner import Role

INPUT = "image"
OUTPUT = "probability"

Networks = dict[Role, Any]
"""Each from `frozen`."""


def frozen(model: keras.Model) -> Any:
    """Freeze a network of either stage.

    Args:
        model: Takes RGB 0..255, float32.

    Returns:
        A concrete function from `image`, RGB, uint8, (n, height, width, 3), any n, to a list of
        one tensor: probability, float32, (n, height, width, 1) for a segmenter and (n, 1) for a
        classifier. Its weights are constants of the graph, so that no copy or conversion can
        lose them, and the optimisers of all runtimes can fold them.
    """
    pixels = tf.TensorSpec((None, *model.input_shape[1:]), tf.uint8, name=INPUT)

    @tf.function(input_signature=[pixels], autograph=False)
    def forward(image: tf.Tensor) -> tf.Tensor:
        return model(tf.cast(image, tf.float32), training=False)

    return convert_variables_to_constants_v2(forward.get_concrete_function())
