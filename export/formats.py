"""The formats of a bundle: which files they are, how they can be quantised, who writes them.

Imports no TensorFlow, so that what is asked of an export is checked before anything is loaded.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from mitokeras.errors import ConfigError
from mitokeras.export.savedmodel.serving import next_version
from mitokeras.runners.runner import ROLES, Role
from mitokeras.runners.savedmodel import GRAPH_FILE

if TYPE_CHECKING:
    from mitokeras.export.parity.written import Written
    from mitokeras.export.trained.frozen import Networks
    from mitokeras.export.trained.trained import TrainedRun

    Writer = Callable[[TrainedRun, Networks, str, Path, "Files"], Written]
    """Writes the files of the networks into a folder, quantised as it is told."""

Files = Mapping[Role, str]
"""Name inside the bundle of the file of each network."""


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
        {role: f"{role}.tflite" for role in ROLES},
        ("none", "float16", "dynamic", "int8"),
        "mitokeras.export.tflite.write",
    ),
    "onnx": Format(
        {role: f"{role}.onnx" for role in ROLES},
        ("none",),
        "mitokeras.export.onnx.write",
    ),
    "savedmodel": Format(
        dict.fromkeys(ROLES, GRAPH_FILE),
        ("none",),
        "mitokeras.export.savedmodel.write",
    ),
}


def get_format(name: str, quantize: str, with_weights: bool = False) -> Format:
    """Look up a format that can be written as asked.

    Args:
        name: A key of `FORMATS`.
        quantize: How its networks are to be quantised.
        with_weights: Whether the Keras files are to go in.

    Raises:
        ConfigError: There is none of that name, or it cannot be written so.
    """
    if name not in FORMATS:
        raise ConfigError(f"format must be one of {', '.join(FORMATS)}. Received: {name}")
    known = FORMATS[name].quantizations
    if quantize not in known:
        raise ConfigError(
            f"quantize of format {name} must be one of {', '.join(known)}. Received: {quantize}"
        )
    if with_weights and name != "tflite":
        raise ConfigError(f"with_weights must come with format tflite. Received: {name}")
    return FORMATS[name]


def target_folder(out: Path, format: str) -> Path:
    """The folder that a bundle becomes: `out`, or the next version below a base path.

    Raises:
        ConfigError: It is in use.
    """
    if out.resolve() == Path.cwd():
        raise ConfigError(f"{out}: --out must not be the folder that this runs in")
    out = out.resolve()
    if format == "savedmodel":
        return out / str(next_version(out))
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise ConfigError(f"{out}: --out must be a new or empty folder")
    return out
