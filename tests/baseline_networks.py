"""Baselines as whole networks."""

import keras
import numpy as np
from keras import layers

from mitokeras.models.baselines.baseline import Baseline


def network(baseline: Baseline, px: int, width: int) -> keras.Model:
    """The baseline with the head that all segmenters have."""
    # Some random networks amplify rounding beyond what trained ones do.
    keras.utils.set_random_seed(0)
    image = keras.Input((px, px, 3), name="image")
    x = layers.Conv2D(1, 1, name="head_conv")(baseline.body(image, width))
    return keras.Model(image, layers.Activation("sigmoid", name="probability")(x))


def trainable_parameters(model: keras.Model) -> int:
    return sum(int(np.prod(weight.shape)) for weight in model.trainable_weights)
