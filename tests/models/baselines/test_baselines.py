"""What the artefacts of every baseline compute."""

from collections.abc import Iterator
from pathlib import Path

import keras
import numpy as np
import pytest
from keras import layers

from mitokeras.export.onnx.write import write_network
from mitokeras.export.tflite.convert import convert
from mitokeras.export.trained.frozen import frozen
from mitokeras.models.baselines import BASELINES
from mitokeras.runners.keras import KerasRunner
from mitokeras.runners.litert import LitertRunner, open_network
from mitokeras.runners.onnx import load_runner
from tests.baseline_networks import network

QUICK = ("unet", "unet_plus_plus")


@pytest.mark.parametrize(
    "name",
    [pytest.param(name, marks=() if name in QUICK else pytest.mark.slow) for name in BASELINES],
)
def test_artefacts_agree(name: str, tmp_path: Path) -> None:
    """TFLite and ONNX agree with Keras on images of different brightness and texture."""
    model, px = network(BASELINES[name], 64, 8), 64
    rng = np.random.default_rng(0)
    coarse = rng.integers(0, 256, (6, 8, 8, 3)).repeat(px // 8, axis=1).repeat(px // 8, axis=2)
    fine = rng.integers(0, 256, (6, px, px, 3))
    images = ((coarse + fine) // np.arange(2, 8)[:, None, None, None]).astype(np.uint8)
    for norm in _norms(model):
        norm.momentum = 0.0  # takes the statistics of the next batch
    model(images.astype(np.float32), training=True)
    expected = KerasRunner(model)(images[:3])
    assert np.ptp(expected) > 0.1
    onnx = tmp_path / "network.onnx"
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
