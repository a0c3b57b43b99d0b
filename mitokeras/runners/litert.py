"""TFLite files, by LiteRT."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from ai_edge_litert.interpreter import Interpreter

from mitokeras.errors import ModelError, reason_of

if TYPE_CHECKING:
    from mitokeras.runners.runner import Role

SIGNATURES = {"serving_default": {"inputs": ["image"], "outputs": ["probability"]}}


class LitertRunner:
    """Runs a network on one image after the other, whatever the length of the batch.

    A batch of four needs twice the memory of one tile and gains no time; of crops it gains a
    fifth, but each change of its length costs more than that in allocation.

    A runner holds one interpreter, so that two threads must not call it at once.

    Args:
        interpreter: From `open_network`.
    """

    def __init__(self, interpreter: Interpreter) -> None:
        self._interpreter = interpreter
        image = interpreter.get_input_details()[0]
        self.side_px = int(image["shape"][1])
        self._input = image["index"]
        output = interpreter.get_output_details()[0]
        self._output = output["index"]
        self._shape = tuple(output["shape"][1:-1])

    def __call__(self, images: np.ndarray) -> np.ndarray:
        probability = np.empty((len(images), *self._shape), dtype=np.float32)
        for i in range(len(images)):
            self._interpreter.set_tensor(self._input, images[i : i + 1])
            self._interpreter.invoke()
            probability[i] = self._interpreter.get_tensor(self._output)[0, ..., 0]
        return probability


def load_runner(path: Path, role: Role, threads: int | None) -> LitertRunner:
    """Load a `.tflite` file.

    Raises:
        ModelError: The file cannot be read, or is not a network of this package.
    """
    try:
        # LiteRT opens a path by the narrow functions of C, which on Windows miss files in folders
        # with other letters than those of the code page.
        model = path.read_bytes()
    except OSError as error:
        raise ModelError(f"{path}: cannot be read: {error.strerror}") from error
    return LitertRunner(open_network(model, role, str(path), threads))


def open_network(model: bytes, role: Role, name: str, threads: int | None = None) -> Interpreter:
    """Load a network into LiteRT, ready for one image.

    Args:
        model: Content of the file.
        role: Which of the networks it must be.
        name: Name of the file, for messages.
        threads: CPU threads; None for one on each of `usable_cpus`.

    Raises:
        ModelError: LiteRT cannot load it, or it has another signature than the networks of this
            package: `image`, uint8, (n, side, side, 3), to `probability`, float32.
    """
    try:
        interpreter = Interpreter(model_content=model, num_threads=threads or usable_cpus())
        signatures = interpreter.get_signature_list()
        interpreter.allocate_tensors()
    except (ValueError, RuntimeError) as error:
        raise ModelError(
            f"{name}: not a TFLite network that LiteRT runs: {reason_of(error)}"
        ) from error
    if signatures != SIGNATURES:
        raise ModelError(
            f"{name}: its signatures must be {SIGNATURES} as in networks of mitokeras. "
            f"Received: {signatures}"
        )
    (image,), (output,) = interpreter.get_input_details(), interpreter.get_output_details()
    side = int(image["shape"][1])
    gives = f"[1, {side}, {side}, 1]" if role == "segmenter" else "[1, 1]"
    wanted = f"uint8 [-1, {side}, {side}, 3] -> float32 {gives}"
    found = (
        f"{np.dtype(image['dtype'])} {image['shape_signature'].tolist()} -> "
        f"{np.dtype(output['dtype'])} {output['shape'].tolist()}"
    )
    if found != wanted:
        raise ModelError(f"{name}: a {role} must map {wanted}. Received: {found}")
    return interpreter


def usable_cpus() -> int:
    """The CPUs that this process may run on: in a container often fewer than the computer has."""
    if hasattr(os, "sched_getaffinity"):  # Linux
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
