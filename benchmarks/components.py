"""Connected components in TensorFlow's own operators, as `detect` has them, against OpenCV.

Maps of 2084 x 2084 px: blobs of the size of nuclei at three densities, and noise, the worst case.

    python benchmarks/components.py --out benchmarks/components.csv
"""

from __future__ import annotations

from functools import partial
from pathlib import Path

import click
import cv2
import numpy as np
import tensorflow as tf
from turns import median_seconds, write_table

from mitokeras.export.savedmodel.graph.components import components

SIDE_PX = 2084
RADIUS_PX = 12


def blobs(number: int) -> np.ndarray:
    rng = np.random.default_rng(0)
    mask = np.zeros((SIDE_PX, SIDE_PX), np.uint8)
    for x, y in rng.integers(0, SIDE_PX, (number, 2)).tolist():
        cv2.circle(mask, (x, y), RADIUS_PX, 1, -1)
    return mask


def maps() -> dict[str, np.ndarray]:
    noise = np.random.default_rng(0).random((SIDE_PX, SIDE_PX)) > 0.5
    drawn = {f"{number} blobs": blobs(number) for number in (10, 100, 1000)}
    return {**drawn, "noise": noise.astype(np.uint8)}


@click.command()
@click.option("--out", type=click.Path(path_type=Path), required=True, help="CSV file.")
@click.option("--repeats", default=9, show_default=True)
def main(out: Path, repeats: int) -> None:
    in_graph = tf.function(components)
    rows = []
    for name, mask in maps().items():
        foreground = tf.constant(mask.astype(bool))
        count = cv2.connectedComponents(mask)[0] - 1
        if int(in_graph(foreground).count) != count:
            raise SystemExit(f"{name}: the graph does not find OpenCV's {count} components")
        seconds = median_seconds(
            {
                "graph": lambda foreground=foreground: in_graph(foreground).count.numpy(),
                "opencv": partial(cv2.connectedComponentsWithStats, mask),
            },
            repeats,
        )
        ratio = seconds["graph"] / seconds["opencv"]
        rows.append(
            (name, count, f"{seconds['graph']:.4f}", f"{seconds['opencv']:.4f}", f"{ratio:.1f}")
        )
    head = ("mask", "components", "graph_seconds", "opencv_seconds", "ratio")
    write_table(out, head, rows)


if __name__ == "__main__":
    main()
