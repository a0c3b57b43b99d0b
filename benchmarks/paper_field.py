"""Seconds of `paper` on a 2084 x 2084 px field: stage 1 over its tiles, ResNet34 over crops.

Random weights, on which the time does not depend; they mark no places, so that stage 2 judges crops
about a grid of points. All formats on the same tiles and crops, in turns.

    python benchmarks/paper_field.py --out benchmarks/paper_field.csv
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import click
import numpy as np
from turns import median_seconds, write_table

from mitokeras.data.synthetic.field import draw_field
from mitokeras.detect.candidates import classifier_scores
from mitokeras.detect.tiling import TileGrid, probability_map
from mitokeras.export.onnx.write import write_network
from mitokeras.export.tflite.convert import convert
from mitokeras.export.trained.frozen import frozen
from mitokeras.models.classifiers import build_classifier
from mitokeras.models.segmenters import build_segmenter
from mitokeras.run.presets import get_preset
from mitokeras.runners.keras import KerasRunner
from mitokeras.runners.litert import LitertRunner, open_network
from mitokeras.runners.onnx import load_runner
from mitokeras.runners.runner import Runner

FIELD_PX = 2084
SPACING_UM_PX = 0.25
TILE_PX, HALO_PX = 592, 32  # the preset's windows take four times as long (windows.py)
FORMATS = ("Keras", "ONNX", "TFLite", "TFLite int8")
COLUMNS = ("format", "stage_1_s", "stage_2_s", "seconds_per_field", "seconds_per_mm2",
           "times_as_fast_as_the_first", "crops")  # fmt: skip


def runner(format: str, role: Any, model: Any, calibration: list[np.ndarray]) -> Runner:
    if format == "Keras":
        return KerasRunner(model)
    network = frozen(model)
    if format == "ONNX":
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "network.onnx"
            write_network(network, path, {})
            return load_runner(path, role, None)
    quantize = "int8" if format == "TFLite int8" else "none"
    return LitertRunner(open_network(convert(network, quantize, calibration), role, format))


@click.command()
@click.option("--out", type=click.Path(path_type=Path), required=True, help="CSV file.")
@click.option("--repeats", default=3, show_default=True)
@click.option("--crops", default=50, show_default=True, help="That stage 2 judges.")
@click.option("--format", "formats", multiple=True, default=FORMATS, show_default=True,
              type=click.Choice(FORMATS))  # fmt: skip
def main(out: Path, repeats: int, crops: int, formats: tuple[str, ...]) -> None:
    tile_px, halo_px = TILE_PX, HALO_PX
    part = get_preset("paper").classifier
    image = draw_field(FIELD_PX, FIELD_PX, seed=0, case=0).image
    grid = TileGrid.over(image, tile_px, halo_px)
    tiles = [grid.read(image, core) for core in list(grid.cores())[:2]]
    points = np.random.default_rng(0).uniform(0, FIELD_PX, (crops, 2))
    small = [image[i : i + part.crop_px, i : i + part.crop_px] for i in range(0, 512, 64)]

    segmenter = build_segmenter("paper", input_px=tile_px)
    classifier = build_classifier(part.model, input_px=part.input_px, crop_px=part.crop_px)
    tasks: dict[tuple[str, int], Callable[[], object]] = {}
    for name in formats:
        first = runner(name, "segmenter", segmenter, tiles)
        second = runner(name, "classifier", classifier, small)
        tasks[name, 1] = partial(probability_map, image, first, tile_px, halo_px)
        tasks[name, 2] = partial(classifier_scores, image, points, second, part.crop_px)
    seconds = median_seconds(tasks, repeats)
    area_mm2 = (FIELD_PX * SPACING_UM_PX / 1000) ** 2
    both = {name: seconds[name, 1] + seconds[name, 2] for name in formats}
    rows = [
        (
            name,
            f"{seconds[name, 1]:.2f}",
            f"{seconds[name, 2]:.2f}",
            f"{took:.2f}",
            f"{took / area_mm2:.1f}",
            f"{both[formats[0]] / took:.2f}",
            crops,
        )
        for name, took in both.items()
    ]
    write_table(out, COLUMNS, rows)


if __name__ == "__main__":
    main()
