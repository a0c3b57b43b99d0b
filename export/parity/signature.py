"""The signature `detect` of an exported SavedModel, run as its clients run it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np

from mitokeras.detect.candidates import Candidates
from mitokeras.runners.savedmodel import signatures


def detect_signature(folder: Path) -> Callable[[np.ndarray], Candidates]:
    """The whole detector of a version folder, from a field at the model's spacing."""
    detect = signatures(folder)["detect"]

    def run(image: np.ndarray) -> Candidates:
        found = {name: value.numpy() for name, value in detect(image=image).items()}
        return Candidates(
            xy=found["centroid_px"].astype(np.float64),
            area_px=found["area_px"].astype(np.int64),
            segmenter_score=found["segmenter_score"],
            classifier_score=found["classifier_score"],
            accepted=found["accepted"],
            atypical_score=found.get("atypical_score", np.full(len(found["accepted"]), np.nan)),
        )

    return run
