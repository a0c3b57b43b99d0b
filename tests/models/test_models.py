"""What every model must do, by one routine for all names."""

import ast
import importlib.util
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import keras
import numpy as np
import pytest
import tensorflow as tf

import mitokeras
from mitokeras.models.classifiers import CLASSIFIERS, build_classifier
from mitokeras.models.segmenters import SEGMENTERS, build_segmenter
from mitokeras.models.segmenters.scmitosis import SCMITOSIS

PX = 32
NARROW = {"width": 8}
BUILDS = [
    *[pytest.param(build_segmenter, name, NARROW, id=name) for name in SEGMENTERS],
    *[
        pytest.param(build_segmenter, name, {**NARROW, "window_px": 16}, id=f"{name}-windows")
        for name in SCMITOSIS
    ],
    *[
        pytest.param(
            build_classifier,
            name,
            NARROW if hasattr(preset, "width") else {},
            id=f"classifier-{name}",
        )
        for name, preset in CLASSIFIERS.items()
    ],
]


def batch(model: keras.Model) -> tuple[np.ndarray, np.ndarray]:
    """Two random images and labels of both classes that fit the model."""
    rng = np.random.default_rng(0)
    images = rng.integers(0, 256, (2, PX, PX, 3)).astype("float32")
    labels = rng.integers(0, 2, (2, *model.output_shape[1:])).astype("float32")
    return images, labels


@pytest.mark.parametrize(("build", "name", "overrides"), BUILDS)
def test_model(
    build: Callable[..., keras.Model], name: str, overrides: dict[str, int], tmp_path: Path
) -> None:
    model = build(name, input_px=PX, **overrides)
    images, labels = batch(model)

    # shape, dtype, range, names
    outputs = model(images, training=False)
    expected = (2, PX, PX, 1) if build is build_segmenter else (2, 1)
    assert outputs.shape == expected
    assert outputs.dtype == "float32"
    assert np.all((outputs.numpy() >= 0) & (outputs.numpy() <= 1))
    assert [tensor.name for tensor in model.inputs] == ["image"]
    assert model.output_names == ["probability"]
    again = build(name, input_px=PX, **overrides)
    assert [layer.name for layer in again.layers] == [layer.name for layer in model.layers]
    assert [weight.path for weight in again.weights] == [weight.path for weight in model.weights]

    # config round trip
    rebuilt = keras.Model.from_config(model.get_config())
    assert [weight.path for weight in rebuilt.weights] == [weight.path for weight in model.weights]

    # every trainable weight learns
    with tf.GradientTape() as tape:
        loss = keras.losses.BinaryCrossentropy()(labels, model(images, training=True))
    gradients = tape.gradient(loss, [weight.value for weight in model.trainable_weights])
    for weight, gradient in zip(model.trainable_weights, gradients, strict=True):
        assert gradient is not None, weight.path
        assert np.all(np.isfinite(gradient.numpy())), weight.path

    # one step
    before = [weight.numpy() for weight in model.trainable_weights]
    model.compile(keras.optimizers.AdamW(1e-3), "binary_crossentropy", run_eagerly=True)
    history = model.fit(images, labels, batch_size=2, verbose=0)
    assert np.isfinite(history.history["loss"][0])
    after = [weight.numpy() for weight in model.trainable_weights]
    assert any(np.any(a != b) for a, b in zip(after, before, strict=True))

    # save and load
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras", safe_mode=True)
    np.testing.assert_array_equal(
        loaded(images, training=False).numpy(), model(images, training=False).numpy()
    )


@pytest.fixture
def half_precision() -> Iterator[None]:
    keras.config.set_dtype_policy("mixed_float16")
    yield
    keras.config.set_dtype_policy("float32")


@pytest.mark.parametrize(("build", "name"), [(build_segmenter, "tiny"), (build_classifier, "edge")])
def test_mixed_precision(
    build: Callable[..., keras.Model], name: str, half_precision: None
) -> None:
    windows = {"window_px": 16} if build is build_segmenter else {}
    model = build(name, input_px=PX, **NARROW, **windows)
    assert model.get_layer("probability").compute_dtype == "float32"
    model.compile(keras.optimizers.AdamW(1e-3), "binary_crossentropy", run_eagerly=True)
    images, labels = batch(model)
    history = model.fit(images, labels, batch_size=2, verbose=0)
    assert np.isfinite(history.history["loss"][0])
    assert model(images, training=False).dtype == "float32"


def test_no_module_of_models_imports_tensorflow() -> None:
    for path in (Path(mitokeras.__file__).parent / "models").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom):
                names = [node.module or ""]
            assert not any(name.split(".")[0] == "tensorflow" for name in names), path


@pytest.mark.skipif(importlib.util.find_spec("jax") is None, reason="jax is not installed")
def test_models_run_on_jax() -> None:
    code = (
        "import numpy as np\n"
        "from mitokeras.models.classifiers import build_classifier\n"
        "from mitokeras.models.segmenters import build_segmenter\n"
        "for build, name, more in (\n"
        "    (build_segmenter, 'tiny', {}),\n"
        "    (build_segmenter, 'tiny', {'window_px': 16}),\n"
        "    (build_classifier, 'edge', {}),\n"
        "):\n"
        "    model = build(name, input_px=32, **more)\n"
        "    model.compile('adamw', 'binary_crossentropy')\n"
        "    labels = np.ones((2, *model.output_shape[1:]))\n"
        "    model.fit(np.ones((2, 32, 32, 3)), labels, verbose=0)\n"
    )
    environment = {**os.environ, "KERAS_BACKEND": "jax", "PYTHONPATH": os.pathsep.join(sys.path)}
    subprocess.run([sys.executable, "-c", code], check=True, env=environment)
