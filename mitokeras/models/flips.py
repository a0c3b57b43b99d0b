"""A classifier that looks at a crop and its mirror images, and gives the mean of what it sees."""

from __future__ import annotations

import keras
from keras import ops

from mitokeras.models.packing import Shape, Tensor

FLIPS = 4


@keras.saving.register_keras_serializable("mitokeras")
class Flips(keras.Layer):
    """Crops (n, h, w, c) and their mirror images, one after the other: (4 n, h, w, c)."""

    def call(self, inputs: Tensor) -> Tensor:
        upside_down = ops.flip(inputs, axis=1)
        both = ops.concatenate([inputs, upside_down], axis=0)
        return ops.concatenate([both, ops.flip(both, axis=2)], axis=0)

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        batch, *rest = input_shape
        return (None if batch is None else FLIPS * batch, *rest)


@keras.saving.register_keras_serializable("mitokeras")
class MeanOfFlips(keras.Layer):
    """What was seen in the images of `Flips`, (4 n, 1), becomes its mean for each crop, (n, 1)."""

    def call(self, inputs: Tensor) -> Tensor:
        return ops.mean(ops.reshape(inputs, (FLIPS, -1, 1)), axis=0)

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        batch, *rest = input_shape
        return (None if batch is None else batch // FLIPS, *rest)


def mean_over_flips(classifier: keras.Model) -> keras.Model:
    """A classifier that gives the mean probability of a crop and its three mirror images.

    Args:
        classifier: From `image`, (batch, side, side, 3), to a probability, (batch, 1). The result
            shares its weights, in their order.
    """
    image = keras.Input(classifier.input_shape[1:], name="image")
    seen = classifier(Flips(name="flips")(image))
    probability = MeanOfFlips(name="probability", dtype="float32")(seen)
    return keras.Model(image, probability, name=classifier.name)
