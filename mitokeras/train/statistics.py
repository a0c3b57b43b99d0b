"""Statistics of batch normalisation for weights that were never trained as they are.

A moving average of the weights is another network than any that the moving means and variances
were gathered with, and those were gathered on augmented patches about figures.
"""

from __future__ import annotations

from collections.abc import Iterable

import keras
import numpy as np


def estimate_statistics(model: keras.Model, batches: Iterable[np.ndarray]) -> None:
    """Set moving means and variances to their averages over some batches.

    Args:
        model: Changed in place; its trainable weights stay as they are.
        batches: Images as the network will see them, each (batch, height, width, 3).
    """
    layers = [own for own in _layers(model) if isinstance(own, keras.layers.BatchNormalization)]
    kept = [layer.momentum for layer in layers]
    for number, images in enumerate(batches):
        for layer in layers:
            layer.momentum = number / (number + 1)  # the mean of all batches up to this one
        model(images, training=True)
    for layer, momentum in zip(layers, kept, strict=True):
        layer.momentum = momentum


def _layers(model: keras.Model) -> Iterable[keras.Layer]:
    return (layer for layer in model._flatten_layers() if layer is not model)
