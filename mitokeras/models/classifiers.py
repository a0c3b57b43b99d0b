"""The classifiers of stage 2."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import keras
from keras import layers

from mitokeras.models.checks import checked_input_px, resolved_preset
from mitokeras.models.resnet import basic_resnet, normalised


@dataclass(frozen=True)
class ResNetPreset:
    """A ResNet of basic blocks."""

    description: str
    blocks: tuple[int, ...]
    width: int = 64
    dropout: float = 0.2


CLASSIFIERS: dict[str, ResNetPreset] = {
    "resnet18": ResNetPreset("", (2, 2, 2, 2)),
    "resnet34": ResNetPreset("", (3, 4, 6, 3)),
    "edge": ResNetPreset("", (2, 2, 2, 2), width=24),
}


def build_classifier(
    name: str = "resnet34",
    *,
    input_px: int = 128,
    weights: str | Path | None = None,
    **overrides: Any,
) -> keras.Model:
    preset = resolved_preset("classifier", CLASSIFIERS, name, overrides)
    checked_input_px(input_px)
    image = keras.Input((input_px, input_px, 3), name="image")
    x = basic_resnet(normalised(image), preset.blocks, preset.width)
    x = layers.GlobalAveragePooling2D(name="pool")(x)
    x = layers.Dropout(preset.dropout, name="dropout")(x)
    x = layers.Dense(1, dtype="float32", name="head")(x)
    probability = layers.Activation("sigmoid", dtype="float32", name="probability")(x)
    return keras.Model(image, probability, name=f"classifier_{name}")
