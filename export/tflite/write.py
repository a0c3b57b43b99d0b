"""The networks of a run as TFLite files."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from mitokeras.detect.detector import FieldDetector
from mitokeras.export.parity.record import FileFacts
from mitokeras.export.parity.written import Written
from mitokeras.export.tflite.calibration import Calibration, calibration_set
from mitokeras.export.tflite.check import check
from mitokeras.export.tflite.convert import convert
from mitokeras.export.tflite.metadata import with_metadata
from mitokeras.export.tflite.thresholds import rechosen
from mitokeras.export.trained.frozen import Networks
from mitokeras.export.trained.trained import TrainedRun
from mitokeras.runners.litert import LitertRunner, open_network
from mitokeras.runners.runner import Role
from mitokeras.runners.silence import silent_stderr

logger = logging.getLogger(__name__)


def write(
    trained: TrainedRun, networks: Networks, quantize: str, folder: Path, files: Mapping[Role, str]
) -> Written:
    """Convert the networks, see that LiteRT runs them, and write them.

    Quantised networks get thresholds of their own.
    """
    calibration = _calibration(trained) if quantize == "int8" else None
    if calibration is not None:
        logger.info("calibrating on %d tiles, on one core", len(calibration.segmenter))
    images: dict[Role, Sequence[np.ndarray]] = {
        role: [] if calibration is None else list(calibration.of(role)) for role in networks
    }
    models = {role: convert(network, quantize, images[role]) for role, network in networks.items()}
    facts = {role: check(model, role, files[role]) for role, model in models.items()}
    spec = trained.spec
    if quantize != "none":
        with silent_stderr():
            run = {
                role: LitertRunner(open_network(model, role, files[role]))
                for role, model in models.items()
            }
        detection = trained.record.settings.config.detection
        artefact = FieldDetector(spec, run["segmenter"], run["classifier"])
        spec = rechosen(artefact, trained.validation(), detection.recall, detection.false_per_mm2)
    for role, model in models.items():
        (folder / files[role]).write_bytes(with_metadata(model, role, spec))
    return Written(
        spec,
        {
            files[role]: FileFacts(
                operators=facts[role].ops,
                outside_xnnpack=facts[role].undelegated,
                calibration_images=len(images[role]),
            )
            for role in networks
        },
    )


def _calibration(trained: TrainedRun) -> Calibration:
    spec = trained.spec
    return calibration_set(
        trained.fields("train"),
        trained.record.settings.config.seed,
        tile_px=spec.tile_px,
        halo_px=spec.halo_px,
        crop_px=spec.crop_px,
    )
