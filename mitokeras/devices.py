"""What a training runs on: one device or several, with or without mixed precision."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

import keras


def distribution(devices: list[str] | None = None) -> Any:
    """TensorFlow's MirroredStrategy over several devices, else None.

    Args:
        devices: Such as `["GPU:0", "GPU:1"]`; all GPUs if None.
    """
    if keras.backend.backend() != "tensorflow":
        return None
    import tensorflow as tf

    if devices is None:
        devices = [device.name for device in tf.config.list_logical_devices("GPU")]
    return tf.distribute.MirroredStrategy(devices) if len(devices) > 1 else None


@contextlib.contextmanager
def fastest_precision() -> Iterator[None]:
    """Mixed precision inside the block where there is a GPU, float32 elsewhere."""
    before = keras.config.dtype_policy()
    if _has_gpu():
        keras.config.set_dtype_policy("mixed_float16")
    try:
        yield
    finally:
        keras.config.set_dtype_policy(before)


def _has_gpu() -> bool:
    return any(
        name.lower().startswith(("gpu", "cuda")) for name in keras.distribution.list_devices()
    )


def compile_with_xla() -> bool | str:
    """What `Model.compile` is to be told about XLA."""
    # On CPUs XLA's convolutions took 2 to 3 times as long as oneDNN's.
    return "auto" if _has_gpu() or keras.backend.backend() != "tensorflow" else False
