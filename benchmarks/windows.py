"""The paper's windows against one pass of tiles: time, and whether the detections agree.

The paper averages four windows of 2048 px over a field of 2084 px (Wang et al., arXiv 2212.13401).
One pass takes each pixel once, plus a halo. The same run's Keras networks and thresholds for both.

    python benchmarks/windows.py runs/quick DATA --out benchmarks/windows.csv
"""

from __future__ import annotations

from pathlib import Path

import click
import numpy as np
from turns import median_seconds, write_table

from mitokeras.candidates import find_candidates
from mitokeras.data.synthetic import draw_field
from mitokeras.detector import Detector, newest_version
from mitokeras.fit.run import RunFolder
from mitokeras.matching import match
from mitokeras.models import build_segmenter
from mitokeras.runners.keras import KerasRunner, load_model
from mitokeras.tiling import Segmenter

FIELD_PX = 2084
WINDOW_PX = 2048
FIELDS = 4
RADIUS_PX = 20.0


def averaged(image: np.ndarray, segmenter: Segmenter) -> np.ndarray:
    """Mean probability of the windows at the four corners."""
    total = np.zeros(image.shape[:2], np.float32)
    covered = np.zeros_like(total)
    for y in (0, image.shape[0] - WINDOW_PX):
        for x in (0, image.shape[1] - WINDOW_PX):
            window = np.s_[y : y + WINDOW_PX, x : x + WINDOW_PX]
            total[window] += segmenter(image[window][None])[0]
            covered[window] += 1
    return total / covered


def windows_segmenter(run: Path) -> Segmenter:
    """The run's segmenter, built for windows."""
    trained = load_model(newest_version(run) / "segmenter.keras")
    config = RunFolder.open(run).settings.config.segmenter
    overrides = {} if config.width is None else {"width": config.width}
    model = build_segmenter(config.model, input_px=WINDOW_PX, **overrides)
    model.set_weights(trained.get_weights())
    return KerasRunner(model)


@click.command()
@click.argument("run", type=click.Path(path_type=Path, exists=True))
@click.option("--out", type=click.Path(path_type=Path), required=True, help="CSV file.")
@click.option("--repeats", default=3, show_default=True)
def main(run: Path, out: Path, repeats: int) -> None:
    detector = Detector.load(run)
    segmenter = windows_segmenter(run)
    spec = detector.spec
    fields = [draw_field(FIELD_PX, FIELD_PX, seed=100 + i, case=i).image for i in range(FIELDS)]
    maps = {
        "windows": lambda image: averaged(image, segmenter),
        "one pass": detector.probability,
    }
    found = {
        way: [
            detector.judge(
                image, find_candidates(make(image), spec.segmenter_threshold, spec.min_area_px)
            )
            for image in fields
        ]
        for way, make in maps.items()
    }
    seconds = median_seconds(
        {way: (lambda make=make: make(fields[0])) for way, make in maps.items()}, repeats
    )
    rows = []
    for stage in ("stage 1", "both stages"):
        points = {
            way: [each.xy if stage == "stage 1" else each.xy[each.accepted] for each in one]
            for way, one in found.items()
        }
        pairs = zip(points["windows"], points["one pass"], strict=True)
        common = sum(len(match(a, b, RADIUS_PX)) for a, b in pairs)
        counts = [sum(map(len, points[way])) for way in maps]
        rows.append((run.name, stage, *counts, common, *(f"{seconds[way]:.2f}" for way in maps),
                     f"{seconds['windows'] / seconds['one pass']:.2f}"))  # fmt: skip
    head = ("run", "of", "windows", "one_pass", "within_20_px", "windows_seconds",
            "one_pass_seconds", "ratio")  # fmt: skip
    write_table(out, head, rows)


if __name__ == "__main__":
    main()
