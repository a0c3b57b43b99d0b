"""A whole field beside StarDist, the Keras tool for nuclei that users have today.

Both stages of each MODEL and StarDist's 2D network for H&E (three channels, rays 32, grid 2 x 2, as
its `2D_versatile_he`) on one 2084 x 2084 px field, in turns. StarDist starts from random weights,
as its trained ones are a download; with those, more nuclei would have to be told apart, which takes
longer. Needs `pip install stardist`, best in an environment of its own: --python.

    python benchmarks/stardist_field.py runs/tflite --python PYTHON --out benchmarks/stardist.csv
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path

import click
import numpy as np
from turns import median_seconds, write_table

from mitokeras.data.synthetic.field import draw_field
from mitokeras.detector import Detector

FIELD_PX = 2084
SPACING_UM_PX = 0.25
STARDIST = """
import sys, tempfile
import numpy as np
from csbdeep.utils import normalize
from stardist.models import Config2D, StarDist2D
image = normalize(np.load(sys.argv[1]), 1, 99.8, axis=(0, 1))
with tempfile.TemporaryDirectory() as folder:
    model = StarDist2D(Config2D(n_rays=32, grid=(2, 2), n_channel_in=3), basedir=folder)
    print("ready", flush=True)
    for line in sys.stdin:
        _, found = model.predict_instances(image, prob_thresh=0.692478, nms_thresh=0.3)
        print("objects", len(found["points"]), flush=True)
"""


class StarDist:
    """StarDist in a Python of its own, which answers a line with a line."""

    def __init__(self, python: str, field: Path) -> None:
        self._process = subprocess.Popen(
            [python, "-c", STARDIST, str(field)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._answer("ready")

    def __call__(self) -> str:
        self._process.stdin.write("\n")
        self._process.stdin.flush()
        return self._answer("objects")

    def close(self) -> None:
        self._process.stdin.close()
        self._process.wait()

    def _answer(self, word: str) -> str:
        for line in self._process.stdout:
            if line.startswith(word):
                return line
        raise SystemExit("StarDist has ended")


@click.command()
@click.argument("models", nargs=-1, required=True, type=click.Path(path_type=Path, exists=True))
@click.option("--python", default=sys.executable, help="That has StarDist.")
@click.option("--out", type=click.Path(path_type=Path), required=True, help="CSV file.")
@click.option("--repeats", default=5, show_default=True)
def main(models: tuple[Path, ...], python: str, out: Path, repeats: int) -> None:
    image = draw_field(FIELD_PX, FIELD_PX, seed=0, case=0).image
    with tempfile.TemporaryDirectory() as folder:
        field = Path(folder) / "field.npy"
        np.save(field, image)
        stardist = StarDist(python, field)
        tasks: dict[str, Callable[[], object]] = {"StarDist 2D, random weights": stardist}
        for model in models:
            tasks[model.name] = partial(Detector.load(model).find, image, SPACING_UM_PX)
        seconds = median_seconds(tasks, repeats)
        stardist.close()
    first = next(iter(seconds.values()))
    area_mm2 = (FIELD_PX * SPACING_UM_PX / 1000) ** 2
    rows = [
        (name, f"{took:.2f}", f"{took / area_mm2:.2f}", f"{first / took:.2f}")
        for name, took in seconds.items()
    ]
    write_table(out, ("system", "seconds_per_field", "seconds_per_mm2", "times_as_fast"), rows)


if __name__ == "__main__":
    main()
