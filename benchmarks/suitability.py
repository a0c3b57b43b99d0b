"""What it costs to see whether the model suits a slide, beside all of `predict`.

Usage: python benchmarks/suitability.py [MODEL]

A drawn field of 2084 x 2084 px, from its PNG to all outputs, and the part of that in question.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from pathlib import Path

import cv2
from turns import median_seconds, write_table

from mitokeras.data.synthetic.field import draw_field
from mitokeras.detect.blank import tissue_tiles
from mitokeras.detector import Detector
from mitokeras.predict.engines.local import LocalEngine
from mitokeras.predict.jobs import SlideJob
from mitokeras.predict.location import SlideFile
from mitokeras.predict.plane import Plane
from mitokeras.predict.suitability import suitability_of
from mitokeras.slides.opening import open_slide

FIELD_PX = 2084
SPACING_UM_PX = 0.25
REPEATS = 7


def main(model: str) -> None:
    detector = Detector.load(model)
    with tempfile.TemporaryDirectory() as folder:
        path, out = Path(folder) / "field.png", Path(folder) / "out"
        cv2.imwrite(str(path), draw_field(FIELD_PX, FIELD_PX, seed=0, case=0).image[..., ::-1])
        slide = open_slide(path, SPACING_UM_PX)
        found = tissue_tiles(slide, 1.0, detector.spec)

        def predict() -> None:
            shutil.rmtree(out, ignore_errors=True)
            LocalEngine(detector).predict(SlideJob(SlideFile(path, SPACING_UM_PX), out))

        def suitability() -> None:
            suitability_of(Plane(slide), found, detector.spec, detector.learned, path)

        seconds = median_seconds({"predict": predict, "suitability": suitability}, REPEATS)
    rows = [
        [name, model, f"{value:.3f}", f"{value / seconds['predict']:.3f}"]
        for name, value in seconds.items()
    ]
    write_table(
        Path(__file__).with_suffix(".csv"), ("what", "model", "median_s", "of_predict"), rows
    )


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "edge")
