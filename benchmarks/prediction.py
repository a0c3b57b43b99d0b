"""What `mitokeras predict` costs beside the networks: on a field, on a slide, and in memory.

    python benchmarks/prediction.py runs/tflite --out benchmarks/prediction.csv

field: seconds of reading, both stages and all outputs of one 2084 x 2084 px image, against the two
networks alone on the same tiles and crops, both as medians of the same rounds. slide: share of the
time from the slide's opening to its last output in which a network was running. memory: peak of
the whole process for slides of two sizes with the same share of tissue.
"""

from __future__ import annotations

import csv
import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
import cv2
import numpy as np
from hardware import hardware

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

from mitokeras.data.synthetic.field import draw_field  # noqa: E402
from mitokeras.detect.candidates import CROPS_A_CALL, cut_crops  # noqa: E402
from mitokeras.detect.tiling import TileGrid  # noqa: E402
from mitokeras.detector import Detector  # noqa: E402
from mitokeras.predict.engines.local import LocalEngine  # noqa: E402
from mitokeras.predict.jobs import SlideJob  # noqa: E402
from mitokeras.predict.location import SlideFile  # noqa: E402
from mitokeras.predict.tasks import TILES_A_CALL  # noqa: E402
from tests.runs import peak_gib  # noqa: E402
from tests.slides import write_huge_aperio  # noqa: E402

FIELD_PX = 2084
BLOCK_PX = 3840
SLIDE_PX = (20_000, 20_000)
MEMORY_PX = ((10_000, 10_000), (60_000, 40_000))
TISSUE = (0.0, 0.0, 0.4, 0.4)
SPACING = 0.25
COLUMNS = ("question", "model", "image", "seconds", "networks_seconds", "ratio", "peak_gib",
           "figures", "hardware")  # fmt: skip


class Clock:
    """A network, and the seconds that it has run."""

    def __init__(self, network: Callable[[np.ndarray], np.ndarray]) -> None:
        self._network = network
        self.seconds = 0.0

    def __call__(self, images: np.ndarray) -> np.ndarray:
        start = time.perf_counter()
        result = self._network(images)
        self.seconds += time.perf_counter() - start
        return result


def networks_alone(detector: Detector, image: np.ndarray) -> float:
    """Seconds of both networks on all tiles and candidates of an image, cut before."""
    spec = detector.spec
    grid = TileGrid.over(image, spec.tile_px, spec.halo_px)
    tiles = np.stack([grid.read(image, core) for core in grid.cores()])
    crops = cut_crops(image, detector.find(image, SPACING).xy, spec.crop_px)
    start = time.perf_counter()
    for i in range(0, len(tiles), TILES_A_CALL):
        detector.segmenter(tiles[i : i + TILES_A_CALL])
    for i in range(0, len(crops), CROPS_A_CALL):
        detector.classifier(crops[i : i + CROPS_A_CALL])
    return time.perf_counter() - start


def predict(detector: Detector, path: Path, out: Path) -> tuple[float, int]:
    """Seconds and figures of one slide, from its opening to its last output."""
    shutil.rmtree(out, ignore_errors=True)
    start = time.perf_counter()
    found = LocalEngine(detector).predict(SlideJob(SlideFile(path, SPACING), out))
    return time.perf_counter() - start, found.count.figures


def field_row(detector: Detector, folder: Path, repeats: int) -> dict[str, Any]:
    image = draw_field(FIELD_PX, FIELD_PX, seed=0, case=0).image
    path = folder / "field.png"
    cv2.imwrite(str(path), image[..., ::-1])
    rounds = []
    for _ in range(repeats + 1):
        alone = networks_alone(detector, image)
        seconds, figures = predict(detector, path, folder / "out" / "field")
        rounds.append((seconds, alone, seconds / alone))
    seconds, alone, ratio = np.median(rounds[1:], axis=0)  # the first one warms up
    return {
        "question": "field",
        "image": f"{FIELD_PX} x {FIELD_PX} px",
        "seconds": f"{seconds:.2f}",
        "networks_seconds": f"{alone:.2f}",
        "ratio": f"{ratio:.2f}",
        "figures": figures,
    }


def slide_row(detector: Detector, folder: Path, block: np.ndarray) -> dict[str, Any]:
    width, height = SLIDE_PX
    path = write_huge_aperio(folder / "slide.svs", block, width, height, tissue=TISSUE)
    segmenter, classifier = Clock(detector.segmenter), Clock(detector.classifier)
    timed = Detector(detector.spec, segmenter, classifier)
    seconds, figures = predict(timed, path, folder / "out" / "slide")
    busy = segmenter.seconds + classifier.seconds
    return {
        "question": "slide",
        "image": f"{width} x {height} px",
        "seconds": f"{seconds:.1f}",
        "networks_seconds": f"{busy:.1f}",
        "ratio": f"{busy / seconds:.3f}",
        "figures": figures,
    }


def memory_row(model: Path, folder: Path, block: np.ndarray, size: tuple[int, int]) -> dict:
    """Peak memory of the command in a process of its own."""
    width, height = size
    path = write_huge_aperio(folder / f"{width}.svs", block, width, height, tissue=TISSUE)
    start = time.perf_counter()
    peak = peak_gib("predict", path, "--model", model.resolve(), "--out", folder / "out")
    return {
        "question": "memory",
        "image": f"{width} x {height} px",
        "seconds": f"{time.perf_counter() - start:.0f}",
        "peak_gib": f"{peak:.2f}",
    }


@click.command()
@click.argument("models", nargs=-1, required=True, type=click.Path(path_type=Path, exists=True))
@click.option("--out", required=True, type=click.Path(path_type=Path), help="CSV file.")
@click.option("--repeats", default=5, show_default=True)
@click.option("--memory-of", type=click.Path(path_type=Path), help="Model of the memory rows.")
def main(models: tuple[Path, ...], out: Path, repeats: int, memory_of: Path | None) -> None:
    rows = []
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        block = draw_field(BLOCK_PX, BLOCK_PX, seed=1, case=0).image
        for model in models:
            detector = Detector.load(model)
            for row in (
                field_row(detector, folder, repeats),
                slide_row(detector, folder, block),
            ):
                rows.append({"model": model.name, **row})
                click.echo(rows[-1])
        for size in MEMORY_PX if memory_of else ():
            rows.append({"model": memory_of.name, **memory_row(memory_of, folder, block, size)})
            click.echo(rows[-1])
    with out.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, COLUMNS)
        writer.writeheader()
        writer.writerows({**row, "hardware": hardware()} for row in rows)


if __name__ == "__main__":
    main()
