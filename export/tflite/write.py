"""The networks of a run as TFLite files."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from mitokeras.detect.detector import FieldDetector
from mitokeras.detect.spec import DetectorSpec
from mitokeras.export.parity.record import FileFacts
from mitokeras.export.parity.written import Written
from mitokeras.export.tflite.calibration import calibration_set, figure_crops
from mitokeras.export.tflite.check import check
from mitokeras.export.tflite.convert import convert
from mitokeras.export.tflite.metadata import with_metadata
from mitokeras.export.tflite.thresholds import rechosen, resubtyped
from mitokeras.export.trained.frozen import Networks
from mitokeras.export.trained.trained import TrainedRun
from mitokeras.runners.litert import LitertRunner, open_network
from mitokeras.runners.runner import Role, Runner
from mitokeras.runners.silence import silent_stderr

logger = logging.getLogger(__name__)


def write(
    trained: TrainedRun, networks: Networks, quantize: str, folder: Path, files: Mapping[Role, str]
) -> Written:
    """Convert the networks, see that LiteRT runs them, and write them.

    Quantised networks get thresholds of their own.
    """
    images: dict[Role, Sequence[np.ndarray]] = dict.fromkeys(networks, ())
    if quantize == "int8":
        images = _calibration(trained)
        logger.info("calibrating on %d tiles, on one core", len(images["segmenter"]))
    models = {role: convert(network, quantize, images[role]) for role, network in networks.items()}
    facts = {role: check(model, role, files[role]) for role, model in models.items()}
    spec = trained.spec
    if quantize != "none":
        with silent_stderr():
            runners = {
                role: LitertRunner(open_network(model, role, files[role]))
                for role, model in models.items()
            }
        spec = _quantized_spec(trained, runners)
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


def _calibration(trained: TrainedRun) -> dict[Role, Sequence[np.ndarray]]:
    """What each network is calibrated on."""
    spec, fields, seed = trained.spec, trained.fields("train"), trained.record.settings.config.seed
    drawn = calibration_set(
        fields, seed, tile_px=spec.tile_px, halo_px=spec.halo_px, crop_px=spec.crop_px
    )
    images: dict[Role, Sequence[np.ndarray]] = {
        "segmenter": list(drawn.segmenter),
        "classifier": list(drawn.classifier),
    }
    if spec.subtyping is not None:
        images["subtyper"] = list(figure_crops(fields, seed, spec.crop_px))
    return images


def _quantized_spec(trained: TrainedRun, runners: Mapping[Role, Runner]) -> DetectorSpec:
    """The run's specification at the thresholds of its quantised networks."""
    spec, detection = trained.spec, trained.record.settings.config.detection
    artefact = FieldDetector(spec, runners["segmenter"], runners["classifier"])
    spec = rechosen(artefact, trained.validation(), detection.recall, detection.false_per_mm2)
    if spec.subtyping is None:
        return spec
    return spec.changed(subtyping=resubtyped(trained, spec.subtyping, runners["subtyper"]))
