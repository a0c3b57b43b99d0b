"""What blur, ink, light and stain cost a cross-validated detector: `robustness.csv`.

    python recipes/robustness.py CROSSVALIDATION [BUNDLES]

The completely labelled fields, each changed and shown to a detector that has not seen its case, at
that detector's own thresholds; BUNDLES as for draw_pictures.py.
"""

from __future__ import annotations

import csv
import sys
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np

from mitokeras.crossvalidation.workspace import Workspace
from mitokeras.data.protocols import get_protocol
from mitokeras.data.stain import HED_FROM_RGB, remix
from mitokeras.detector import Detector
from mitokeras.score.evaluation import score_stage
from mitokeras.score.scored_field import ScoredField

Change = Callable[[np.ndarray], np.ndarray]


def blur(sigma_px: float) -> Change:
    return lambda image: cv2.GaussianBlur(image, (0, 0), sigma_px)


def stain(haematoxylin: float, eosin: float) -> Change:
    """Concentrations multiplied, in optical density."""
    factors = np.diag([haematoxylin, eosin, 1.0])
    mixing = HED_FROM_RGB @ factors @ np.linalg.inv(HED_FROM_RGB)
    return lambda image: remix(image, 256.0, -mixing.T, np.full(3, np.log(256.0)), shift=-1.0)


def ink(image: np.ndarray) -> np.ndarray:
    """Ten strokes of a blue pen, 40 px wide, half see-through."""
    rng = np.random.default_rng(0)
    height, width = image.shape[:2]
    strokes = np.full_like(image, 255)
    for _ in range(10):
        ends = [tuple(map(int, rng.uniform(0, (width, height)))) for _ in range(2)]
        cv2.line(strokes, *ends, (60, 80, 190), 40, cv2.LINE_AA)
    return cv2.multiply(image, strokes, scale=1 / 255)


CHANGES: dict[str, Change] = {
    "as it is": lambda image: image,
    "blur, sigma 1 px": blur(1),
    "blur, sigma 2 px": blur(2),
    "blur, sigma 3 px": blur(3),
    "haematoxylin x 0.6": stain(0.6, 1.0),
    "haematoxylin x 1.5": stain(1.5, 1.0),
    "eosin x 0.6": stain(1.0, 0.6),
    "eosin x 1.5": stain(1.0, 1.5),
    "darker by a quarter": lambda image: cv2.convertScaleAbs(image, alpha=0.75),
    "blue ink": ink,
}
COLUMNS = ("change", "tp", "fp", "fn", "recall", "fp_per_mm2", "f1")


def main(root: Path, bundles: Path | None) -> None:
    workspace = Workspace.open(root)
    scored: dict[str, list] = {name: [] for name in CHANGES}
    with workspace.store() as store:
        for run in workspace.folds:
            detector = Detector.load(run.root if bundles is None else bundles / run.root.name)
            for field in workspace.data(store, run).complete("test"):
                for name, change in CHANGES.items():
                    found = detector.detect(change(field.image()))
                    scored[name].append(ScoredField.of(field, found))
    protocol = get_protocol(workspace.settings.run.config.detection.protocol)
    with Path(__file__).with_suffix(".csv").open("w", newline="", encoding="utf-8") as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow(COLUMNS)
        for name, fields in scored.items():
            row = score_stage(fields, "both", protocol)
            values = [getattr(row, key) for key in COLUMNS[4:]]
            rates = [None if value is None else round(value, 3) for value in values]
            table.writerow([name, row.tp, row.fp, row.fn, *rates])
            print(name, row.tp, row.fp, row.fn, *rates)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]) if len(sys.argv) > 2 else None)
