"""The formats of a bundle: which files they are, how they can be quantised, who writes them."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args

from mitokeras.detect.detector import FieldDetector
from mitokeras.detect.spec import DetectorSpec
from mitokeras.export.source import Source
from mitokeras.export.tflite.calibration import calibration_set
from mitokeras.export.tflite.thresholds import rechosen
from mitokeras.runners.runner import Role
from mitokeras.runners.silence import silent_stderr

logger = logging.getLogger(__name__)

ROLES: tuple[Role, ...] = get_args(Role)

Networks = dict[Role, Any]
"""From `frozen`."""


@dataclass(frozen=True)
class Written:
    """What the writer of a format did.

    Attributes:
        spec: Of the detector; quantised networks have thresholds of their own.
        files: Facts on each model file by name, for parity.json.
    """

    spec: DetectorSpec
    files: dict[str, dict[str, Any]]


@dataclass(frozen=True)
class Format:
    """One of `FORMATS`.

    Attributes:
        models: File of each network inside the bundle.
        quantizations: Those it can be written with.
        write: Writes the files of both networks into a folder.
    """

    models: dict[Role, str]
    quantizations: tuple[str, ...]
    write: Callable[[Source, Networks, str, Path], Written]


def _write_tflite(source: Source, networks: Networks, quantize: str, folder: Path) -> Written:
    from mitokeras.export.tflite.check import check
    from mitokeras.export.tflite.convert import convert
    from mitokeras.export.tflite.metadata import with_metadata
    from mitokeras.runners.litert import LitertRunner, open_network

    calibration = calibration_set(source) if quantize == "int8" else None
    if calibration is not None:
        logger.info("calibrating on %d tiles, on one core", len(calibration.segmenter))
    images = {role: getattr(calibration, role, ()) for role in ROLES}
    models = {role: convert(network, quantize, images[role]) for role, network in networks.items()}
    names = FORMATS["tflite"].models
    facts = {role: check(model, role, names[role]) for role, model in models.items()}
    spec = source.spec
    if quantize != "none":
        with silent_stderr():
            runners = {r: LitertRunner(open_network(m, r, names[r])) for r, m in models.items()}
        spec = rechosen(source, FieldDetector(spec, runners["segmenter"], runners["classifier"]))
    for role, model in models.items():
        (folder / names[role]).write_bytes(with_metadata(model, role, spec))
    return Written(
        spec,
        {
            names[role]: {
                "operators": facts[role].ops,
                "outside_xnnpack": facts[role].undelegated,
                "calibration_images": len(images[role]),
            }
            for role in ROLES
        },
    )


def _write_onnx(source: Source, networks: Networks, quantize: str, folder: Path) -> Written:
    from mitokeras.export.onnx import OPSET, properties, write_network

    names = FORMATS["onnx"].models
    for role, network in networks.items():
        write_network(network, folder / names[role], properties(source.spec, role))
    return Written(source.spec, {name: {"opset": OPSET} for name in names.values()})


def _write_savedmodel(source: Source, networks: Networks, quantize: str, folder: Path) -> Written:
    from mitokeras.export.savedmodel.write import GRAPH_FILE, write_savedmodel

    signatures = write_savedmodel(source.spec, networks, folder)
    return Written(source.spec, {GRAPH_FILE: {"signatures": signatures}})


FORMATS = {
    "tflite": Format(
        {role: f"{role}.tflite" for role in ROLES},
        ("none", "float16", "dynamic", "int8"),
        _write_tflite,
    ),
    "onnx": Format({role: f"{role}.onnx" for role in ROLES}, ("none",), _write_onnx),
    "savedmodel": Format(dict.fromkeys(ROLES, "saved_model.pb"), ("none",), _write_savedmodel),
}
