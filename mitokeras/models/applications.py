"""Networks of keras.applications as graphs that take raw RGB."""

from __future__ import annotations

import re
import warnings
from collections import Counter
from typing import Any

import keras
from keras import layers, ops

from mitokeras.errors import ModelError, reason_of
from mitokeras.models.crops import crop_input
from mitokeras.models.packing import Tensor
from mitokeras.models.resnet import normalised

CAFFE_MEAN = (123.68, 116.779, 103.939)
"""ImageNet mean of R, G and B, taken off what ResNet50 sees."""


def _caffe(image: Tensor) -> Tensor:
    offset = [-mean for mean in CAFFE_MEAN]
    centred = layers.Rescaling(1.0, offset, name="normalise")(image)
    return ops.flip(centred, axis=-1)  # to B, G, R


def _symmetric(image: Tensor) -> Tensor:
    return layers.Rescaling(1 / 127.5, -1.0, name="normalise")(image)


INPUTS: dict[str, tuple[Any, dict[str, Any]]] = {
    "ResNet50": (_caffe, {}),
    "MobileNetV3Large": (_symmetric, {"include_preprocessing": False}),
    "DenseNet201": (normalised, {}),
}
"""What each network expects, as a function of RGB 0..255, and the arguments that go with it."""


def application_backbone(
    application: str, crop_px: int, input_px: int, weights: str | None
) -> keras.Model:
    """A network of keras.applications up to its last feature map, preprocessing included.

    Args:
        application: A key of `INPUTS`.
        crop_px: Side of the square input, pixels.
        input_px: Side that it is enlarged to.
        weights: "imagenet" to download, None for a random start.

    Raises:
        ModelError: The download failed.
    """
    prepare, arguments = INPUTS[application]
    construct = getattr(keras.applications, application)
    image, enlarged = crop_input(crop_px, input_px)
    prepared = prepare(enlarged)
    try:
        with warnings.catch_warnings():
            # MobileNetV3 warns that its weights were learned at 224 px
            warnings.filterwarnings("ignore", message="`input_shape` is undefined or non-square")
            network = construct(
                include_top=False, weights=weights, input_tensor=prepared, **arguments
            )
    except Exception as error:  # Keras raises a plain Exception where a download fails
        if weights is None:
            raise
        raise ModelError(
            f"ImageNet weights of {application} must be downloaded, or lie in Keras' cache "
            f"(~/.keras/models). Received: {reason_of(error)}"
        ) from error
    return stably_named(keras.Model(image, network.output))


def stably_named(model: keras.Model) -> keras.Model:
    """The same graph, the layers that Keras numbered across the process numbered within it.

    Two builds then have the same names, on which checkpoints and exported graphs rely.
    """
    config = model.get_config()
    counts: Counter[str] = Counter()
    names = {}
    for layer in config["layers"]:
        stem = re.sub(r"_\d+$", "", layer["name"])
        if stem.replace("_", "") == layer["class_name"].lower():
            counts[stem] += 1
            names[layer["name"]] = f"{stem}_{counts[stem]}"
    renamed = keras.Model.from_config(_renamed(config, names))
    renamed.set_weights(model.get_weights())
    return renamed


def _renamed(node: Any, names: dict[str, str]) -> Any:
    """The config with layer names replaced: "name" entries, and those that lists refer to."""
    if isinstance(node, dict):
        return {
            key: names.get(value, value)
            if key == "name" and isinstance(value, str)
            else _renamed(value, names)
            for key, value in node.items()
        }
    if isinstance(node, (list, tuple)):
        return [
            names.get(value, value) if isinstance(value, str) else _renamed(value, names)
            for value in node
        ]
    return node
