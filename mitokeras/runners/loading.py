"""From a model file to what runs it."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import Any

from mitokeras.errors import ModelError
from mitokeras.runners.checked import CheckedRunner
from mitokeras.runners.runner import Role, Runner

RUNNERS = {
    ".keras": "mitokeras.runners.keras",
    ".tflite": "mitokeras.runners.litert",
    ".onnx": "mitokeras.runners.onnx",
    ".pb": "mitokeras.runners.savedmodel",
}
"""Suffix of a model file -> module whose `load_runner` executes it, imported when needed."""


def load_runner(path: Path, role: Role, side_px: int, threads: int | None = None) -> CheckedRunner:
    """Load a network.

    Args:
        path: Model file; its suffix is the format.
        role: Which of the networks.
        side_px: Edge of the images that it must take.
        threads: CPU threads to run it with; None for all cores.

    Raises:
        ModelError: The format is unknown, or the file is not a network of this package.
        MissingExtraError: The packages that run the format are not installed.
    """
    if path.suffix not in RUNNERS:
        raise ModelError(f"{path}: a model file must end in {', '.join(RUNNERS)}")
    module: Any = import_module(RUNNERS[path.suffix])
    runner: Runner = module.load_runner(path, role, threads)
    if runner.side_px != side_px:
        raise ModelError(
            f"{path}: must take images of {side_px} px as detector.json says. "
            f"Received: a network for {runner.side_px} px"
        )
    return CheckedRunner(runner, path, role)
