"""The segmenters of stage 1 by name: SCMitosis, its ablations, baselines, and a user's own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import keras
from keras import layers

from mitokeras.errors import ConfigError, ModelError
from mitokeras.models.baselines import BASELINES
from mitokeras.models.baselines.baseline import Baseline
from mitokeras.models.checks import check_input_px, check_shapes, imported
from mitokeras.models.efficientnet_lite import load_imagenet
from mitokeras.models.presets import resolved_preset
from mitokeras.models.segmenters.lite import LITE, LiteSegmenterPreset, lite_segmenter
from mitokeras.models.segmenters.scmitosis import SCMITOSIS, SegmenterPreset, scmitosis

IMAGENET = "imagenet"

SEGMENTERS: Mapping[str, SegmenterPreset | LiteSegmenterPreset | Baseline] = {
    **SCMITOSIS,
    **LITE,
    **BASELINES,
}


def build_segmenter(
    name: str = "paper", *, input_px: int = 256, weights: str | None = None, **overrides: Any
) -> keras.Model:
    """Build a segmenter.

    Args:
        name: One of `SEGMENTERS`, or "module:function" of a function from `input_px` to a model
            as below, which is imported.
        input_px: Side of the square input, pixels, a multiple of 8, for some baselines of 16 or
            32. The weights do not depend on it: `set_weights` takes those of a model built for
            another size.
        weights: Where to start from: None for random weights, or "imagenet" for an encoder that
            was trained on ImageNet, which "lite0" has.
        **overrides: Fields of the preset to change, such as `width`.

    Returns:
        A functional model from `image`, RGB 0..255, (batch, input_px, input_px, 3), to
        `probability` of mitosis by pixel, float32, (batch, input_px, input_px, 1).

    Raises:
        ConfigError: The name, an override or the size is not allowed, or a function of the user
            cannot be imported or gives another model.
        ModelError: The weights cannot be had.

    Example:
        >>> build_segmenter("edge", input_px=256, width=16).output_shape
        (None, 256, 256, 1)
    """
    if ":" in name:
        return _own(name, input_px)
    preset = resolved_preset("segmenter", SEGMENTERS, name, overrides)
    check_input_px(input_px, least=8)
    if input_px % preset.multiple_px:
        raise ConfigError(
            f"input_px of segmenter {name} must be a multiple of {preset.multiple_px}. "
            f"Received: {input_px}"
        )
    image = keras.Input((input_px, input_px, 3), name="image")
    if isinstance(preset, SegmenterPreset):
        x = scmitosis(image, preset)
    elif isinstance(preset, LiteSegmenterPreset):
        x = lite_segmenter(image, preset)
    else:
        x = preset.body(image, preset.width)
    x = layers.Conv2D(1, 1, dtype="float32", name="head_conv")(x)
    stride = input_px // x.shape[1]
    if stride > 1:
        x = layers.UpSampling2D(stride, interpolation="bilinear", dtype="float32", name="head_up")(
            x
        )
    probability = layers.Activation("sigmoid", dtype="float32", name="probability")(x)
    model = keras.Model(image, probability, name=f"segmenter_{name}")
    if weights is not None:
        if weights != IMAGENET or not isinstance(preset, LiteSegmenterPreset):
            raise ModelError(f"segmenter {name} has no pre-trained encoder of weights {weights!r}")
        load_imagenet(model)
    return model


def _own(name: str, input_px: int) -> keras.Model:
    model = imported(name)(input_px)
    check_shapes(name, model, (None, input_px, input_px, 3), (None, input_px, input_px, 1))
    return model
