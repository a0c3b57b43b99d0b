"""Starting weights of a classifier from a local file."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from pathlib import Path

import keras
import numpy as np

from mitokeras.errors import MissingExtraError, ModelError, reason_of
from mitokeras.models.torch_file import read_torch_file

TORCH_SUFFIXES = {
    "kernel": "weight",
    "gamma": "weight",
    "beta": "bias",
    "moving_mean": "running_mean",
    "moving_variance": "running_var",
}
"""Keras' name of a weight -> torch's; for batch normalisation and convolution without bias."""


def load_classifier_weights(model: keras.Model, path: Path, *, torch_named: bool) -> None:
    """Fill a classifier with the weights of a file.

    Args:
        model: The classifier, changed in place.
        path: .keras (opened in safe mode) or .weights.h5 of a classifier of the same shape, or
            .safetensors or .pth with torchvision's or timm's names.
        torch_named: Whether the layers carry torchvision's names, which the last two need.

    Raises:
        ModelError: The file is missing, unreadable or of another kind, or a tensor is missing
            or of another shape.
    """
    loaders: dict[str, Callable[[keras.Model, Path], None]] = {
        ".keras": _load_keras,
        ".weights.h5": _load_h5,
        ".safetensors": _load_safetensors,
        ".pth": load_torch,
    }
    suffix = next((s for s in loaders if path.name.endswith(s)), None)
    if suffix is None:
        raise ModelError(f"weights must be 'imagenet' or a {', '.join(loaders)} file: {path}")
    if not path.is_file():
        raise ModelError(f"{path}: no such weights file")
    if suffix in (".safetensors", ".pth") and not torch_named:
        raise ModelError(f"{path}: {suffix} weights fit the ResNets of basic blocks only")
    loaders[suffix](model, path)


def _load_keras(model: keras.Model, path: Path) -> None:
    try:
        loaded = keras.saving.load_model(path, compile=False, safe_mode=True)
    except Exception as error:  # what deserialising a strange file raises has no base
        raise ModelError(
            f"{path}: not a readable .keras file. Received: {reason_of(error)}"
        ) from error
    if not isinstance(loaded, keras.Model):
        raise ModelError(f"{path}: must hold a model. Received: a {type(loaded).__name__}")
    tensors = {weight.path: weight.numpy() for weight in loaded.weights}
    fill({weight.path: weight for weight in model.weights}, tensors, path)


def _load_h5(model: keras.Model, path: Path) -> None:
    try:
        with warnings.catch_warnings(record=True) as passed_over:
            warnings.simplefilter("always")
            model.load_weights(path)
    except Exception as error:  # h5py and Keras raise what comes
        raise ModelError(f"{path}: weights do not fit. Received: {reason_of(error)}") from error
    for warning in passed_over:  # Keras only warns of some layers that it leaves at random
        raise ModelError(
            f"{path}: weights do not fit. Received: {reason_of(Warning(warning.message))}"
        )


def _load_safetensors(model: keras.Model, path: Path) -> None:
    try:
        from safetensors import SafetensorError
        from safetensors.numpy import load_file
    except ImportError as error:
        raise MissingExtraError("tf", "Reading .safetensors weights") from error
    try:
        tensors = load_file(path)
    except (OSError, SafetensorError, KeyError, TypeError, ValueError) as error:
        raise ModelError(
            f"{path}: not a readable .safetensors file. Received: {reason_of(error)}"
        ) from error
    _fill_from_torch(model, tensors, path)


def load_torch(model: keras.Model, path: Path) -> None:
    """Fill layers with torchvision's names with the tensors of a .pth file.

    Raises:
        ModelError: The file is no torch file, or a tensor is missing or of another shape.
    """
    _fill_from_torch(model, read_torch_file(path), path)


def _fill_from_torch(model: keras.Model, tensors: dict[str, np.ndarray], path: Path) -> None:
    wanted = {
        f"{layer.name.replace('_', '.')}.{TORCH_SUFFIXES[weight.name]}": weight
        for layer in model.layers
        if layer.name != "head"
        for weight in layer.weights
    }
    for name in tensors.keys() - wanted.keys():
        if not name.startswith("fc.") and not name.endswith("num_batches_tracked"):
            raise ModelError(f"{path}: holds a tensor that {model.name} lacks: {name}")
    # (outputs, inputs, height, width) -> (height, width, inputs, outputs)
    tensors = {
        name: tensor.transpose(2, 3, 1, 0) if tensor.ndim == 4 else tensor
        for name, tensor in tensors.items()
    }
    fill(wanted, tensors, path)


def fill(wanted: dict[str, keras.Variable], tensors: dict[str, np.ndarray], path: Path) -> None:
    for name, weight in wanted.items():
        if name not in tensors:
            raise ModelError(f"{path}: lacks the tensor {name}")
        if tensors[name].shape != tuple(weight.shape):
            raise ModelError(
                f"{path}: {name} must have shape {tuple(weight.shape)}. "
                f"Received: {tensors[name].shape}"
            )
    for name, weight in wanted.items():
        weight.assign(tensors[name])
