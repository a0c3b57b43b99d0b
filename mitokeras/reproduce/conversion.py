"""A row's network as TFLite files, whose speed is compared."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from mitokeras.data.stored_field import StoredField
from mitokeras.disk.files import atomic_path, sha256_of, write_json
from mitokeras.errors import one_line
from mitokeras.export.tflite.calibration import calibration_set
from mitokeras.export.tflite.check import check
from mitokeras.export.tflite.convert import convert
from mitokeras.export.trained.frozen import frozen
from mitokeras.reproduce.workspace import CONVERTED_FILE, Converted, Precision
from mitokeras.run.folder import RunFolder
from mitokeras.runners.keras import load_model
from mitokeras.runners.runner import Role

QUANTIZE: Mapping[Precision, str] = {"fp32": "none", "int8": "int8"}
"""What each precision is for the converter."""

CALIBRATION = 8
"""Tiles or crops: int8 is timed only, which does not depend on its ranges."""


def tflite_name(role: Role, precision: Precision) -> str:
    """Name of a file in a row's folder."""
    return f"{role}-{precision}.tflite"


def convert_network(run: RunFolder, role: Role, train: Sequence[StoredField]) -> None:
    """Write the network of a trained row as TFLite in both precisions; `tflite.json` comes last.

    A network that does not convert, such as one of the user's with an operation that TFLite lacks,
    has the reason there.

    Args:
        run: The row's folder.
        role: Which of the two networks the row is.
        train: Fields to calibrate int8 on.
    """
    config = run.settings.config
    model = load_model(run.segmenter_file if role == "segmenter" else run.classifier_file)
    hashes: dict[Precision, str] = {}
    failures: dict[Precision, str] = {}
    for precision, quantize in QUANTIZE.items():
        path = run.root / tflite_name(role, precision)
        try:
            images: Sequence[np.ndarray] = ()
            if quantize == "int8":
                drawn = calibration_set(
                    train,
                    config.seed,
                    tile_px=config.detection.tile_px,
                    halo_px=config.detection.halo_px,
                    crop_px=config.classifier.crop_px,
                )
                images = getattr(drawn, role)[:CALIBRATION]
            content = convert(frozen(model), quantize, images)
            check(content, role, path.name)
        except Exception as error:  # what the converter raises has no base
            failures[precision] = f"{type(error).__name__}: {one_line(error)}"[:300]
            continue
        with atomic_path(path) as partial:
            partial.write_bytes(content)
        hashes[precision] = sha256_of(path)
    record = Converted(sha256=hashes, failures=failures)
    write_json(run.root / CONVERTED_FILE, record.to_json())
