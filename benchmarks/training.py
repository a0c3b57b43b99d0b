"""Does the input pipeline keep up with training, and does memory stay small on a large store?

Writes synthetic fields of 2084 x 2084 px to a store of at least `--raw-gb`, then times
- the pipeline alone, patches a second;
- the training step with the pipeline, against the same step on one constant batch.

    python benchmarks/training.py --raw-gb 4.2 --model edge

The fields repeat a few drawings, each flipped and shifted anew, so that drawing takes minutes and
not hours; what is measured reads and decodes all of them alike.
"""

from __future__ import annotations

import argparse
import csv
import os
import resource
import statistics
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import cv2
import keras
import numpy as np
from hardware import hardware

from mitokeras.data.fields import Field
from mitokeras.data.store import Store, write_store
from mitokeras.data.synthetic.field import draw_field
from mitokeras.models.losses import CrossentropyTversky
from mitokeras.models.segmenters import build_segmenter
from mitokeras.run.config import Config
from mitokeras.run.presets import get_preset
from mitokeras.train.batches.feed import tf_batches
from mitokeras.train.batches.samplers import segmenter_sampler
from mitokeras.train.epochs import optimizer

FIELD_PX = 2084
DRAWINGS = 4


def make_fields(folder: Path, number: int) -> Iterator[Field]:
    """Write each field to disk just before the store reads it, and remove it after."""
    drawings = [draw_field(FIELD_PX, FIELD_PX, seed=i, case=i) for i in range(DRAWINGS)]
    for index in range(number):
        rng = np.random.default_rng(index)
        drawing = drawings[index % DRAWINGS]
        shift = tuple(rng.integers(0, FIELD_PX, 2))
        image, mask = folder / f"{index}.bmp", folder / f"{index}.png"
        cv2.imwrite(str(image), np.roll(drawing.image[..., ::-1], shift, axis=(0, 1)))
        cv2.imwrite(str(mask), np.roll(drawing.mask * 255, shift, axis=(0, 1)))
        yield Field(image, f"case{index % DRAWINGS}", 0.25, mask=mask)
        image.unlink()
        mask.unlink()


def seconds_a_batch(batches: Any, step: Any, count: int) -> list[float]:
    times = []
    for _ in range(count):
        start = time.perf_counter()
        step(*next(batches))
        times.append(time.perf_counter() - start)
    return times


def measure(store: Store, config: Config, steps: int) -> dict[str, float]:
    part = config.segmenter
    batch = part.schedule.batch
    sampler = segmenter_sampler(store.fields, config)
    batches = iter(tf_batches(sampler, batch))
    seconds_a_batch(batches, lambda *_: None, 5)
    start = time.perf_counter()
    seconds_a_batch(batches, lambda *_: None, steps)
    alone = steps * batch / (time.perf_counter() - start)

    model = build_segmenter(part.model, input_px=part.patch_px)
    model.compile(optimizer(part.schedule), CrossentropyTversky(), jit_compile=False)
    constant = next(batches)
    one = iter(lambda: constant, None)
    seconds_a_batch(one, model.train_on_batch, 3)
    seconds_a_batch(batches, model.train_on_batch, 3)
    # In turns, so that a noisy machine slows both alike.
    with_pipeline, without = [], []
    for _ in range(max(1, steps // 5)):
        with_pipeline += seconds_a_batch(batches, model.train_on_batch, 5)
        without += seconds_a_batch(one, model.train_on_batch, 5)
    real, ideal = statistics.median(with_pipeline), statistics.median(without)
    return {
        "pipeline_patches_per_s": round(alone, 1),
        "step_with_pipeline_s": round(real, 4),
        "step_constant_batch_s": round(ideal, 4),
        "step_ratio": round(real / ideal, 3),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--raw-gb", type=float, default=4.2, help="size of all images, decoded")
    parser.add_argument("--model", default="edge", help="segmenter")
    parser.add_argument("--steps", type=int, default=30)
    parser.add_argument("--out", type=Path, default=Path(__file__).with_suffix(".csv"))
    arguments = parser.parse_args()
    number = int(np.ceil(arguments.raw_gb * 1e9 / (FIELD_PX**2 * 3)))
    config = get_preset("edge").updated({"segmenter": {"model": arguments.model}})
    machine = hardware()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        start = time.perf_counter()
        write_store(make_fields(folder, number), folder / "store.h5", 0.25, None)
        writing = time.perf_counter() - start
        with Store(folder / "store.h5") as store:
            row = {
                "hardware": machine,
                "keras": keras.__version__,
                "model": arguments.model,
                "patch_px": config.segmenter.patch_px,
                "batch": config.segmenter.schedule.batch,
                "fields": number,
                "raw_gb": round(number * FIELD_PX**2 * 3 / 1e9, 2),
                "store_gb": round((folder / "store.h5").stat().st_size / 1e9, 2),
                "write_mb_per_s": round(number * FIELD_PX**2 * 3 / 1e6 / writing, 1),
                **measure(store, config, arguments.steps),
                "peak_memory_gb": round(
                    resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6, 2
                ),
            }
    with arguments.out.open("w", newline="", encoding="utf-8") as file:
        table = csv.DictWriter(file, list(row), lineterminator="\n")
        table.writeheader()
        table.writerow(row)
    for key, value in row.items():
        print(f"{key:24} {value}")


if __name__ == "__main__":
    main()
