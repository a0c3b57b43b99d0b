"""What a training runs on: one device or several, with or without mixed precision."""

from __future__ import annotations

import contextlib
import logging
import os
from collections.abc import Iterator
from typing import Any

import keras

logger = logging.getLogger(__name__)


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


def add_up_in_order() -> None:
    """Let a seed fix a training on CPUs, to the byte; to be called before TensorFlow computes.

    A gradient with three or more parts, such as that of each batch normalisation, is added up in
    the order in which the parts become ready: TensorFlow's graph optimiser makes of it, to save
    memory, additions to one variable. Without the optimiser, and with one thread between the
    operations, the order is that of the graph; each operation still computes with all cores.
    """
    if keras.backend.backend() != "tensorflow":
        return
    import tensorflow as tf

    if tf.config.list_physical_devices("GPU"):
        return  # some operations have no repeatable form there
    try:
        tf.config.threading.set_inter_op_parallelism_threads(1)
    except RuntimeError:
        logger.info("TensorFlow has begun already: another run of this seed may differ slightly")
    tf.config.optimizer.set_experimental_options({"disable_meta_optimizer": True})
    tf.config.experimental.enable_op_determinism()


@contextlib.contextmanager
def fastest_precision() -> Iterator[None]:
    """Mixed precision inside the block where there is a GPU, float32 elsewhere."""
    before = keras.config.dtype_policy()
    if _gpus():
        keras.config.set_dtype_policy("mixed_float16")
    try:
        yield
    finally:
        keras.config.set_dtype_policy(before)


def hardware() -> str:
    """What computes, in words."""
    return f"{len(_gpus())} GPU" if _gpus() else f"{os.cpu_count()} CPU cores"


def _gpus() -> list[str]:
    names = keras.distribution.list_devices()
    return [name for name in names if name.lower().startswith(("gpu", "cuda"))]


def compile_with_xla() -> bool | str:
    """What `Model.compile` is to be told about XLA."""
    # On CPUs XLA's convolutions took 2 to 3 times as long as oneDNN's.
    return "auto" if _gpus() or keras.backend.backend() != "tensorflow" else False
