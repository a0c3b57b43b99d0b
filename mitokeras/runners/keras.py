"""Keras models."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from mitokeras.errors import MissingExtraError, ModelError

if TYPE_CHECKING:
    import keras

    from mitokeras.runners.runner import Role


class KerasRunner:
    """Runs a model on batches of any length.

    Args:
        model: Takes RGB 0..255, shape (n, height, width, 3), and gives probabilities in one
            channel. Later changes of its weights are followed.
    """

    def __init__(self, model: keras.Model) -> None:
        self.side_px: int = model.input_shape[1]
        self._forward = _compiled(model)

    def __call__(self, images: np.ndarray) -> np.ndarray:
        return np.asarray(self._forward(images.astype(np.float32)))[..., 0]


def _compiled(model: keras.Model) -> Callable[[np.ndarray], Any]:
    import keras

    if keras.backend.backend() != "tensorflow":
        return model.predict_on_batch
    import tensorflow as tf

    # One trace for all batch sizes; predict_on_batch would trace most of them anew.
    batch = tf.TensorSpec((None, *model.input_shape[1:]), tf.float32)
    return tf.function(
        lambda images: model(images, training=False), input_signature=[batch], autograph=False
    )


def load_model(path: Path) -> keras.Model:
    """Load a `.keras` file in safe mode.

    Raises:
        MissingExtraError: Keras is not installed.
        ModelError: The file is not a model of this package.
    """
    try:
        import keras
    except ImportError as error:
        raise MissingExtraError("tf", f"running {path.name}") from error
    # Registers our layers and losses by name, which safe mode asks for.
    import mitokeras.models.classifiers
    import mitokeras.models.flips
    import mitokeras.models.losses
    import mitokeras.models.segmenters  # noqa: F401

    try:
        model = keras.saving.load_model(path, compile=False, safe_mode=True)
    except Exception as error:  # what deserialising a strange file raises has no base
        # Its message goes on with the whole configuration.
        reason = next(iter(str(error).strip().splitlines()), type(error).__name__)
        raise ModelError(f"{path}: not a Keras model of mitokeras: {reason}") from error
    if not isinstance(model, keras.Model):
        kind = type(model).__name__
        raise ModelError(f"{path}: not a Keras model of mitokeras: Received: a {kind}")
    return model


def load_runner(path: Path, role: Role, threads: int | None) -> KerasRunner:
    """Load a `.keras` file; `threads` are TensorFlow's, of the whole process.

    Raises:
        MissingExtraError: Keras is not installed.
        ModelError: The file is not a model of this package, or of the other stage.
    """
    from mitokeras.runners.tensorflow_threads import set_tensorflow_threads

    if threads is not None:
        set_tensorflow_threads(threads)
    model = load_model(path)
    _check(model, role, path)
    return KerasRunner(model)


def _check(model: keras.Model, role: Role, path: Path) -> None:
    shapes = [getattr(model, name, None) for name in ("input_shape", "output_shape")]
    image = shapes[0]
    side = image[1] if isinstance(image, tuple) and len(image) == 4 else None
    output = (None, side, side, 1) if role == "segmenter" else (None, 1)
    if not isinstance(side, int) or shapes != [(None, side, side, 3), output]:
        raise ModelError(
            f"{path}: a {role} must map (None, side, side, 3) to {output}. "
            f"Received: {shapes[0]} to {shapes[1]}"
        )
