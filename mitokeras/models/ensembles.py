"""Classifiers that look at the centre of a crop, and several of them as one.

The mean of several networks' logits errs less than each does (Lakshminarayanan et al. 2017, arXiv
1612.01474, average probabilities), the more so where they look at different things: here at less or
more of a nucleus' surroundings.
"""

from __future__ import annotations

from collections.abc import Sequence

import keras
from keras import layers

from mitokeras.models.packing import Tensor


def of_centre(classifier: keras.Model, crop_px: int) -> keras.Model:
    """A classifier of larger crops that looks at their centre alone.

    Args:
        classifier: From `image`, (batch, side, side, 3), to a probability, (batch, 1). The result
            shares its weights, in their order.
        crop_px: Edge of the larger crops.
    """
    image = keras.Input((crop_px, crop_px, 3), name="image")
    probability = classifier(_centre(image, classifier))
    probability = layers.Identity(dtype="float32", name="probability")(probability)
    return keras.Model(image, probability, name=classifier.name)


def ensemble(members: Sequence[keras.Model], crop_px: int) -> keras.Model:
    """Several classifiers as one, which gives the sigmoid of the mean of their logits.

    Args:
        members: As `build_classifier` gives them, each for the centre of a crop. The result shares
            their weights, in their order.
        crop_px: Edge of the crops.
    """
    image = keras.Input((crop_px, crop_px, 3), name="image")
    logits = []
    for number, member in enumerate(members, start=1):
        network = keras.Model(
            member.input, member.get_layer("head").output, name=f"member_{number}"
        )
        logits.append(network(_centre(image, network)))
    mean = layers.Average(dtype="float32", name="mean_logit")(logits)
    probability = layers.Activation("sigmoid", dtype="float32", name="probability")(mean)
    return keras.Model(image, probability, name=members[0].name)


def _centre(image: Tensor, network: keras.Model) -> Tensor:
    margin = (image.shape[1] - network.input_shape[1]) // 2
    return layers.Cropping2D(margin, name=f"centre_of_{network.name}")(image) if margin else image
