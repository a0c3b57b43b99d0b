import urllib.error
from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
from keras import layers

from mitokeras.errors import ModelError
from mitokeras.models.applications import application_backbone, stably_named
from mitokeras.models.classifiers import build_classifier


@pytest.mark.parametrize("name", ["resnet50", "mobilenetv3_large", "densenet201"])
def test_failed_download_is_one_line(
    name: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def offline(*arguments: Any, **keywords: Any) -> None:
        raise urllib.error.URLError("offline")

    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    monkeypatch.setattr("keras.src.utils.file_utils.urlretrieve", offline)
    with pytest.raises(ModelError, match=r"must be downloaded.*offline") as raised:
        build_classifier(name, weights="imagenet")
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize(
    ("application", "preprocess"),
    [
        ("ResNet50", keras.applications.resnet50.preprocess_input),
        ("DenseNet201", keras.applications.densenet.preprocess_input),
        ("MobileNetV3Large", lambda x: x / 127.5 - 1),
    ],
)
def test_preprocessing_is_the_one_of_keras_applications(
    application: str, preprocess: Callable[[np.ndarray], np.ndarray]
) -> None:
    backbone = application_backbone(application, 32, 32, None)
    image = np.random.default_rng(0).integers(0, 256, (1, 32, 32, 3)).astype("float32")
    first = next(
        layer for layer in backbone.layers[2:] if "conv" in layer.name or "pad" in layer.name
    )
    prepared = keras.Model(backbone.input, first.input)(image)
    np.testing.assert_allclose(prepared, preprocess(image.copy()), rtol=1e-4, atol=1e-4)


def test_stable_names_keep_graph_and_given_names() -> None:
    x = keras.Input((4,), name="image")
    y = layers.Dense(3, name="dense_7_given")(x)
    y = layers.ReLU()(layers.ReLU()(y) + 1)
    model = keras.Model(x, layers.Add()([y, y]))
    renamed = stably_named(model)
    names = [operation.name for operation in renamed.operations]
    assert names == ["image", "dense_7_given", "re_lu_1", "add_1", "re_lu_2", "add_2"]
    values = np.random.default_rng(0).normal(size=(2, 4)).astype("float32")
    np.testing.assert_array_equal(renamed(values), model(values))
