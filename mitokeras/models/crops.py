"""The input of a classifier: crops as they are cut, enlarged to what the network sees."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from mitokeras.models.packing import Shape, Tensor


@keras.saving.register_keras_serializable("mitokeras")
class Enlarge(keras.Layer):
    """Bilinear resize to `side` x `side` pixels.

    `keras.layers.Resizing` (3.15) would do, but switches the layers after it to training mode
    where a model is called without saying which.
    """

    def __init__(self, side: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.side = side

    def call(self, inputs: Tensor) -> Tensor:
        return ops.image.resize(inputs, (self.side, self.side), interpolation="bilinear")

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        batch, _, _, channels = input_shape
        return (batch, self.side, self.side, channels)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "side": self.side}


def crop_input(crop_px: int, input_px: int) -> tuple[Tensor, Tensor]:
    """A graph's input, RGB 0..255, and the same enlarged to what the network sees."""
    image = keras.Input((crop_px, crop_px, 3), name="image")
    if crop_px == input_px:
        return image, image
    return image, Enlarge(input_px, name="enlarged_crop")(image)
