"""What does it cost that a seed fixes a training? Steps with and without `add_up_in_order`.

Each way runs in programs of its own, in turns, as TensorFlow's threads are set once.

    python benchmarks/repeatable.py --out benchmarks/repeatable.csv
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import click
from turns import write_table

PRESETS = ("quick", "edge")
WAYS = ("in order", "as ready")
WARM_UP = 3


def steps(preset: str, way: str, count: int) -> None:
    """Print the seconds of each training step of stage 1 on one batch."""
    import numpy as np

    from mitokeras.data.synthetic.field import draw_field
    from mitokeras.models.losses import CrossentropyTversky
    from mitokeras.models.segmenters import build_segmenter
    from mitokeras.run.presets import get_preset
    from mitokeras.train.devices import add_up_in_order
    from mitokeras.train.epochs import optimizer

    if way == "in order":
        add_up_in_order()
    part = get_preset(preset).segmenter
    side, batch = part.patch_px, part.schedule.batch
    fields = [draw_field(side, side, seed=i, case=i) for i in range(batch)]
    images = np.stack([field.image for field in fields])
    masks = np.stack([field.mask for field in fields])[..., None].astype(np.float32)
    model = build_segmenter(part.model, input_px=side)
    model.compile(optimizer(part.schedule), CrossentropyTversky(), jit_compile=False)
    for _ in range(WARM_UP + count):
        start = time.perf_counter()
        model.train_on_batch(images, masks)
        print(time.perf_counter() - start)


@click.command()
@click.option("--out", type=click.Path(path_type=Path), required=True, help="CSV file.")
@click.option("--turns", default=3, show_default=True)
@click.option("--count", default=20, show_default=True, help="Steps a turn.")
def main(out: Path, turns: int, count: int) -> None:
    rows = []
    for preset in PRESETS:
        seconds: dict[str, list[float]] = {way: [] for way in WAYS}
        for way in WAYS * turns:
            command = [sys.executable, __file__, preset, way, str(count)]
            done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
            seconds[way] += [float(line) for line in done.stdout.split()[WARM_UP:]]
        ordered, ready = (statistics.median(seconds[way]) for way in WAYS)
        rows.append((preset, f"{ordered:.3f}", f"{ready:.3f}", f"{ordered / ready:.2f}"))
    write_table(out, ("preset", "step_in_order_s", "step_as_ready_s", "ratio"), rows)


if __name__ == "__main__":
    if sys.argv[1] in PRESETS:
        steps(sys.argv[1], sys.argv[2], int(sys.argv[3]))
    else:
        main()
