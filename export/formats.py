"""The formats of a bundle: which files they are, how they can be quantised, who writes them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

from mitokeras.export.parity.written import Written
from mitokeras.export.trained.frozen import Networks
from mitokeras.export.trained.trained import TrainedRun
from mitokeras.runners.runner import Role
from mitokeras.runners.savedmodel import GRAPH_FILE

Files = Mapping[Role, str]
"""Name inside the bundle of the file of each network."""

Writer = Callable[[TrainedRun, Networks, str, Path, Files], Written]
"""Writes the files of both networks into a folder, quantised as it is told."""


@dataclass(frozen=True)
class Format:
    """A format that `export` writes.

    Attributes:
        files: File of each network.
        quantizations: Those that its networks can have.
        module: Module whose `write` writes it, imported when needed.
    """

    files: Files
    quantizations: tuple[str, ...]
    module: str

    @property
    def write(self) -> Writer:
        found: Writer = import_module(self.module).write
        return found


FORMATS = {
    "tflite": Format(
        {"segmenter": "segmenter.tflite", "classifier": "classifier.tflite"},
        ("none", "float16", "dynamic", "int8"),
        "mitokeras.export.tflite.write",
    ),
    "onnx": Format(
        {"segmenter": "segmenter.onnx", "classifier": "classifier.onnx"},
        ("none",),
        "mitokeras.export.onnx.write",
    ),
    "savedmodel": Format(
        {"segmenter": GRAPH_FILE, "classifier": GRAPH_FILE},
        ("none",),
        "mitokeras.export.savedmodel.write",
    ),
}
