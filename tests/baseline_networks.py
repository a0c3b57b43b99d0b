"""Baselines as whole networks, and what their artefacts compute."""

from collections.abc import Iterator
from pathlib import Path

import keras
import numpy as np
from keras import layers

from mitokeras.export.frozen import frozen
from mitokeras.export.onnx import write_network
from mitokeras.export.tflite.convert import convert
from mitokeras.models.baselines.baseline import Baseline
from mitokeras.runners.keras import KerasRunner
from mitokeras.runners.litert import LitertRunner, open_network
from mitokeras.runners.onnx import load_runner


def network(baseline: Baseline, px: int, width: int) -> keras.Model:
    """The baseline with the head that all segmenters have."""
    keras.utils.set_random_seed(
        0
    )  # some random networks amplify rounding beyond what trained ones do
    image = keras.Input((px, px, 3), name="image")
    x = layers.Conv2D(1, 1, name="head_conv")(baseline.body(image, width))
    return keras.Model(image, layers.Activation("sigmoid", name="probability")(x))


def trainable_parameters(model: keras.Model) -> int:
    return sum(int(np.prod(weight.shape)) for weight in model.trainable_weights)


def check_artefacts(model: keras.Model, folder: Path) -> None:
    """TFLite and ONNX agree with Keras on images of different brightness and texture."""
    px = model.input_shape[1]
    rng = np.random.default_rng(0)
    coarse = rng.integers(0, 256, (6, 8, 8, 3)).repeat(px // 8, axis=1).repeat(px // 8, axis=2)
    fine = rng.integers(0, 256, (6, px, px, 3))
    images = ((coarse + fine) // np.arange(2, 8)[:, None, None, None]).astype(np.uint8)
    for norm in _norms(model):
        norm.momentum = 0.0  # takes the statistics of the next batch
    model(images.astype(np.float32), training=True)
    expected = KerasRunner(model)(images[:3])
    assert np.ptp(expected) > 0.1
    onnx = folder / "network.onnx"
    write_network(frozen(model), onnx, {})
    np.testing.assert_allclose(load_runner(onnx, "segmenter", 1)(images[:3]), expected, atol=1e-4)
    tflite = LitertRunner(open_network(convert(frozen(model), "none"), "segmenter", "network"))
    np.testing.assert_allclose(tflite(images[:3]), expected, atol=1e-4)


def _norms(model: keras.Model) -> Iterator[layers.BatchNormalization]:
    for layer in model.layers:
        if isinstance(layer, keras.Model):
            yield from _norms(layer)
        elif isinstance(layer, layers.BatchNormalization):
            yield layer
