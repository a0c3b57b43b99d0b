"""int8 against fp32 in LiteRT: stage 1 at the paper's width, and a U-Net five times its size.

Random weights: the time does not depend on them. One 512 x 512 tile (0.0164 mm2 at 0.25 um/px), all
four files in one process, taking turns.

    python benchmarks/int8.py --out benchmarks/int8.csv
"""

from __future__ import annotations

import csv
import time
from pathlib import Path
from typing import Any

import click
import keras
import numpy as np
from ai_edge_litert.interpreter import Interpreter
from hardware import hardware
from keras import layers

from mitokeras.data.synthetic import draw_field
from mitokeras.export.frozen import frozen
from mitokeras.export.tflite import convert
from mitokeras.models import build_segmenter

TILE_PX = 512
CALIBRATION_TILES = 4


def unet(width: int = 64) -> keras.Model:
    """U-Net (Ronneberger et al. 2015, arXiv 1505.04597) with "same" padding: 31.0 M parameters."""
    image = keras.Input((TILE_PX, TILE_PX, 3), name="image")
    x, skips = layers.Rescaling(1 / 255)(image), []
    for level in range(4):
        x = _double(x, width * 2**level)
        skips.append(x)
        x = layers.MaxPooling2D()(x)
    x = _double(x, width * 16)
    for level in reversed(range(4)):
        x = layers.Conv2DTranspose(width * 2**level, 2, strides=2)(x)
        x = _double(layers.Concatenate()([skips[level], x]), width * 2**level)
    return keras.Model(image, layers.Conv2D(1, 1, activation="sigmoid")(x))


def _double(x: Any, filters: int) -> Any:
    for _ in range(2):
        x = layers.Conv2D(filters, 3, padding="same", activation="relu")(x)
    return x


def interpreter(model: bytes, threads: int) -> Interpreter:
    runner = Interpreter(model_content=model, num_threads=threads)
    runner.allocate_tensors()
    runner.set_tensor(runner.get_input_details()[0]["index"], _tiles()[:1])
    runner.invoke()
    return runner


def _tiles() -> np.ndarray:
    return np.stack(
        [draw_field(TILE_PX, TILE_PX, seed=s, case=s).image for s in range(CALIBRATION_TILES)]
    )


@click.command()
@click.option("--out", type=click.Path(path_type=Path), required=True, help="CSV file.")
@click.option("--threads", default=2, show_default=True)
@click.option("--repeats", default=15, show_default=True)
def main(out: Path, threads: int, repeats: int) -> None:
    networks = {
        "scmitosis width 64": frozen(build_segmenter("paper", input_px=TILE_PX)),
        "scmitosis width 24": frozen(build_segmenter("edge", input_px=TILE_PX)),
        "u-net width 64": frozen(unet()),
    }
    runners = {
        (name, quantize): interpreter(convert(network, quantize, _tiles()), threads)
        for name, network in networks.items()
        for quantize in ("none", "int8")
    }
    seconds: dict[tuple[str, str], list[float]] = {key: [] for key in runners}
    for _ in range(repeats):
        for key, runner in runners.items():
            start = time.perf_counter()
            runner.invoke()
            seconds[key].append(time.perf_counter() - start)
    median = {key: float(np.median(values)) for key, values in seconds.items()}
    with out.open("w", newline="", encoding="utf-8") as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow(
            [
                "network",
                "threads",
                "fp32_s",
                "int8_s",
                "fp32_over_int8",
                "unet_int8_over_int8",
                "hardware",
            ]
        )
        for name in networks:
            fp32, int8 = median[name, "none"], median[name, "int8"]
            row = [name, threads, f"{fp32:.3f}", f"{int8:.3f}", f"{fp32 / int8:.2f}"]
            table.writerow([*row, f"{median['u-net width 64', 'int8'] / int8:.2f}", hardware()])
    click.echo(out.read_text(encoding="utf-8"))


if __name__ == "__main__":
    main()
