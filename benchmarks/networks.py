"""Stage 1 of mitokeras and the baselines through the same runtimes, against the machine's limit.

Random weights: the time does not depend on them. One tile of 512 px, all files of all networks in
one process, in turns with a float32 matrix product and an int8 convolution of 256 channels, which
stand for the machine's rate.

    python benchmarks/networks.py --out benchmarks/networks.csv
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import click
import keras
import numpy as np
import onnxruntime
from ai_edge_litert.interpreter import Interpreter
from keras import layers
from turns import median_seconds, write_table

from mitokeras.data.synthetic.field import draw_field
from mitokeras.export.onnx.write import write_network
from mitokeras.export.tflite.convert import convert as to_tflite
from mitokeras.export.trained.frozen import frozen
from mitokeras.models.macs import count_macs
from mitokeras.models.segmenters import build_segmenter

NETWORKS = ("paper", "edge", "unet", "segnet", "r2unet", "linknet34", "deeplabv3plus")
FORMATS = ("tflite float32", "tflite int8", "onnx float32")
CALIBRATION_TILES = 2
TILE_PX = 512
MATRIX = 2048
LIMIT_PX, LIMIT_CHANNELS = 64, 256
COLUMNS = (
    "network",
    "format",
    "parameters",
    "gmacs_per_tile",
    "seconds_per_tile",
    "times_as_fast_as_unet",
    "gmacs_per_second",
    "share_of_limit",
)

Run = Callable[[], Any]


def tflite_run(model: bytes, tile: np.ndarray, threads: int) -> Run:
    runner = Interpreter(model_content=model, num_threads=threads)
    runner.allocate_tensors()
    runner.set_tensor(runner.get_input_details()[0]["index"], tile[None])
    return runner.invoke


def onnx_run(network: Any, tile: np.ndarray, threads: int) -> Run:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "network.onnx"
        write_network(network, path, {})
        session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    name = session.get_inputs()[0].name
    return lambda: session.run(None, {name: tile[None]})


def runs_of(network: Any, tiles: Sequence[np.ndarray], threads: int) -> dict[str, Run]:
    return {
        "tflite float32": tflite_run(to_tflite(network, "none"), tiles[0], threads),
        "tflite int8": tflite_run(to_tflite(network, "int8", tiles), tiles[0], threads),
        "onnx float32": onnx_run(network, tiles[0], threads),
    }


def limits(threads: int) -> dict[str, tuple[Run, float]]:
    """What the machine can do: a run and its GMAC, by number type."""
    matrix = np.random.default_rng(0).normal(size=(MATRIX, MATRIX)).astype(np.float32)
    image = keras.Input((LIMIT_PX, LIMIT_PX, 3), name="image")
    x = layers.Conv2D(LIMIT_CHANNELS, 1)(image)
    for _ in range(8):
        x = layers.Conv2D(LIMIT_CHANNELS, 3, padding="same", activation="relu")(x)
    model = keras.Model(image, layers.Conv2D(1, 1)(x))
    tiles = [draw_field(LIMIT_PX, LIMIT_PX, seed=0, case=0).image]
    return {
        "float32": (lambda: matrix @ matrix, MATRIX**3 / 1e9),
        "int8": (
            tflite_run(to_tflite(frozen(model), "int8", tiles), tiles[0], threads),
            count_macs(model) / 1e9,
        ),
    }


@click.command()
@click.option("--out", type=click.Path(path_type=Path), required=True, help="CSV file.")
@click.option("--threads", default=2, show_default=True)
@click.option("--repeats", default=7, show_default=True)
@click.option("--network", "names", multiple=True, default=NETWORKS, show_default=True)
def main(out: Path, threads: int, repeats: int, names: tuple[str, ...]) -> None:
    tiles = [draw_field(TILE_PX, TILE_PX, seed=s, case=s).image for s in range(CALIBRATION_TILES)]
    tasks: dict[tuple[str, str], Run] = {}
    sizes = {}
    for name in names:
        model = build_segmenter(name, input_px=TILE_PX)
        sizes[name] = (model.count_params(), count_macs(model) / 1e9)
        for kind, run in runs_of(frozen(model), tiles, threads).items():
            tasks[name, kind] = run
    top = limits(threads)
    tasks |= {("limit", kind): run for kind, (run, _) in top.items()}
    seconds = median_seconds(tasks, repeats)
    limit = {kind: gmacs / seconds["limit", kind] for kind, (_, gmacs) in top.items()}
    rows = []
    for name, kind in ((name, kind) for name in names for kind in FORMATS):
        parameters, gmacs = sizes[name]
        took = seconds[name, kind]
        unet = f"{seconds['unet', kind] / took:.2f}" if "unet" in names else ""
        share = gmacs / took / limit[kind.split()[1]]
        rows.append((name, kind, parameters, f"{gmacs:.1f}", f"{took:.3f}", unet,
                     f"{gmacs / took:.0f}", f"{share:.2f}"))  # fmt: skip
    write_table(out, COLUMNS, rows)


if __name__ == "__main__":
    main()
