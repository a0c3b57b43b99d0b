"""The paper's windows against one pass of tiles: time, and whether the detections agree.

The paper averages four windows of 2048 px over a field of 2084 px (Wang et al., arXiv 2212.13401).
One pass takes each pixel once, plus a halo. Each run's own Keras networks and thresholds for both,
on drawn fields.

    python benchmarks/windows.py runs/quick runs/edge --out benchmarks/windows.csv
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

import click
import numpy as np
from turns import median_seconds, write_table

from mitokeras.counting.matching import match
from mitokeras.data.synthetic.field import draw_field
from mitokeras.detect.candidates import find_candidates
from mitokeras.detect.folder import model_folder
from mitokeras.detect.tiling import Segmenter, probability_map
from mitokeras.detector import Detector
from mitokeras.run.folder import RunFolder
from mitokeras.runners.keras import KerasRunner, load_model
from mitokeras.train.networks import segmenter_network

FIELD_PX = 2084
WINDOW_PX = 2048
FIELDS = 4
RADIUS_PX = 20.0


def windows_segmenter(run: Path) -> Segmenter:
    """The run's segmenter, built for windows."""
    trained = load_model(model_folder(run) / "segmenter.keras")
    model = segmenter_network(RunFolder.open(run).settings.config, WINDOW_PX)
    model.set_weights(trained.get_weights())
    return KerasRunner(model)


def compared(run: Path, fields: list[np.ndarray], repeats: int) -> list[tuple[object, ...]]:
    """A row for the candidates and one for the figures."""
    detector = Detector.load(run)
    spec = detector.spec
    segmenter = windows_segmenter(run)
    maps: dict[str, Callable[[np.ndarray], np.ndarray]] = {
        "windows": lambda image: probability_map(image, segmenter, WINDOW_PX, 0, "windows"),
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
    seconds = median_seconds({way: partial(make, fields[0]) for way, make in maps.items()}, repeats)
    took = (*(f"{each:.2f}" for each in seconds.values()),
            f"{seconds['windows'] / seconds['one pass']:.2f}")  # fmt: skip
    rows: list[tuple[object, ...]] = []
    for stage in ("candidates", "figures"):
        points = [
            [each.xy if stage == "candidates" else each.xy[each.accepted] for each in one]
            for one in found.values()
        ]
        common = sum(len(match(a, b, RADIUS_PX)) for a, b in zip(*points, strict=True))
        rows.append((run.name, stage, *(sum(map(len, one)) for one in points), common, *took))
    return rows


@click.command()
@click.argument("runs", nargs=-1, required=True, type=click.Path(path_type=Path, exists=True))
@click.option("--out", type=click.Path(path_type=Path), required=True, help="CSV file.")
@click.option("--repeats", default=3, show_default=True)
def main(runs: tuple[Path, ...], out: Path, repeats: int) -> None:
    fields = [draw_field(FIELD_PX, FIELD_PX, seed=100 + i, case=i).image for i in range(FIELDS)]
    head = ("run", "of", "windows", "one_pass", "within_20_px", "windows_seconds",
            "one_pass_seconds", "ratio")  # fmt: skip
    write_table(out, head, [row for run in runs for row in compared(run, fields, repeats)])


if __name__ == "__main__":
    main()
