"""Facts of a detector, and stages without networks: dark pixels are figures, red ones accepted."""

import json
from pathlib import Path
from typing import Any

import numpy as np

from mitokeras.detect.curve import RESULT_FILE, CurvePoint
from mitokeras.detect.spec import DetectorSpec


def make_spec(**changes: object) -> DetectorSpec:
    """Facts of a small detector."""
    values = {
        "spacing_um_px": 0.25,
        "tile_px": 64,
        "halo_px": 8,
        "stain": {"policy": "none"},
        "segmenter_threshold": 0.5,
        "classifier_threshold": 0.6,
        "thresholds_chosen": "by hand",
        "min_area_px": 20,
        "crop_px": 32,
        "protocol": "midog",
        "data_sha256": "0" * 64,
        "models": {},
        **changes,
    }
    return DetectorSpec.model_validate(values)


def curve_points(*rows: tuple[float, float]) -> tuple[CurvePoint, ...]:
    """Points of a curve: threshold of stage 2, false figures per mm2."""
    return tuple(
        CurvePoint(classifier_threshold=t, fp_per_mm2=fp, recall=None, recall_partly_labelled=None)
        for t, fp in rows
    )


def write_curve(folder: Path, *rows: tuple[float, float], **values: Any) -> None:
    """Write the `crossvalidation.json` of a run or bundle with such a curve."""
    curve = [point.to_json() for point in curve_points(*rows)]
    content = {"method": "By hand.", "sources": {}, "curve": curve, **values}
    (folder / RESULT_FILE).write_text(json.dumps(content))


def darkness(tiles: np.ndarray) -> np.ndarray:
    return 1 - tiles.mean(axis=3, dtype=np.float32) / 255


def blueness(crops: np.ndarray) -> np.ndarray:
    """A stage 3: the bluer the middle, the more atypical."""
    centre = crops[:, 12:20, 12:20]
    return (centre[..., 2].mean(axis=(1, 2)) / 255).astype(np.float32)


def redness(crops: np.ndarray) -> np.ndarray:
    centre = crops[:, 12:20, 12:20]
    return (centre[..., 0].mean(axis=(1, 2)) / 255).astype(np.float32)


def add_subtyper(bundle: Path, sensitivity: float | None = 0.75) -> None:
    """Give a TFLite bundle a stage 3 that is its stage 2, and calls every other figure atypical."""
    path = bundle / "detector.json"
    values = json.loads(path.read_text("utf-8"))
    facts = {"threshold": 0.5, "chosen": "by hand", "sensitivity": sensitivity, "specificity": 0.85}
    values["subtyping"] = facts
    values["models"]["subtyper"] = values["models"]["classifier"]
    path.write_text(json.dumps(values))
