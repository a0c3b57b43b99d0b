"""The formats of a bundle: which files they are, how they can be quantised, who writes them."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args

from mitokeras.export.calibration import calibration_set
from mitokeras.export.source import Source
from mitokeras.runners import Role

logger = logging.getLogger(__name__)

ROLES: tuple[Role, ...] = get_args(Role)


Files = dict[str, dict[str, Any]]
"""Facts on model files by name."""


@dataclass(frozen=True)
class Format:
    """One of `FORMATS`.

    Attributes:
        models: File of each network inside the bundle.
        quantizations: Those it can be written with.
        write: Writes the files of both networks, from the frozen networks by role, into a folder,
            and gives what is to be said of each file in parity.json.
    """

    models: dict[Role, str]
    quantizations: tuple[str, ...]
    write: Callable[[Source, dict[Role, Any], str, Path], Files]


def _write_tflite(source: Source, networks: dict[Role, Any], quantize: str, folder: Path) -> Files:
    from mitokeras.export.tflite import convert
    from mitokeras.export.tflite_check import check
    from mitokeras.export.tflite_metadata import with_metadata

    calibration = calibration_set(source) if quantize == "int8" else None
    if calibration is not None:
        logger.info("calibrating on %d tiles, on one core", len(calibration.segmenter))
    files = {}
    for role, network in networks.items():
        images = getattr(calibration, role, ())
        model = with_metadata(convert(network, quantize, images), role, source.spec)
        path = folder / FORMATS["tflite"].models[role]
        facts = check(model, role, path.name)
        path.write_bytes(model)
        files[path.name] = {
            "operators": facts.ops,
            "outside_xnnpack": facts.undelegated,
            "calibration_images": len(images),
        }
    return files


def _write_onnx(source: Source, networks: dict[Role, Any], quantize: str, folder: Path) -> Files:
    from mitokeras.export.onnx import OPSET, properties, write_network

    for role, network in networks.items():
        path = folder / FORMATS["onnx"].models[role]
        write_network(network, path, properties(source.spec, role))
    return {name: {"opset": OPSET} for name in FORMATS["onnx"].models.values()}


def _write_savedmodel(
    source: Source, networks: dict[Role, Any], quantize: str, folder: Path
) -> Files:
    from mitokeras.export.savedmodel import GRAPH_FILE, write_savedmodel

    return {GRAPH_FILE: {"signatures": write_savedmodel(source.spec, networks, folder)}}


FORMATS = {
    "tflite": Format(
        {role: f"{role}.tflite" for role in ROLES},
        ("none", "float16", "dynamic", "int8"),
        _write_tflite,
    ),
    "onnx": Format({role: f"{role}.onnx" for role in ROLES}, ("none",), _write_onnx),
    "savedmodel": Format(dict.fromkeys(ROLES, "saved_model.pb"), ("none",), _write_savedmodel),
}
