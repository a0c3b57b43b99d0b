"""What stage 3 adds to the time of fields.

    python benchmarks/subtyping.py IMAGE... --out benchmarks/subtyping.csv

Processor time of each stage on one thread, of rounds in which all images are looked at; the median
round is written.
"""

from __future__ import annotations

import csv
import resource
from pathlib import Path

import click
import cv2
import numpy as np
from hardware import hardware

from mitokeras.detector import Detector

ROUNDS = 5
SPACING_UM_PX = 0.25


class Clock:
    """A network, and the processor time that it has taken."""

    def __init__(self, network) -> None:
        self._network = network
        self.seconds = 0.0

    def __call__(self, images: np.ndarray) -> np.ndarray:
        start = processor_seconds()
        result = self._network(images)
        self.seconds += processor_seconds() - start
        return result


def processor_seconds() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


@click.command()
@click.argument("images", nargs=-1, required=True, type=click.Path(path_type=Path, exists=True))
@click.option("--model", default="edge", show_default=True)
@click.option("--out", required=True, type=click.Path(path_type=Path, dir_okay=False))
def main(images: tuple[Path, ...], model: str, out: Path) -> None:
    detector = Detector.load(model, threads=1)
    fields = [np.ascontiguousarray(cv2.imread(str(path))[..., ::-1]) for path in images]
    networks = {role: getattr(detector, role) for role in detector.spec.sides}
    rounds = []
    for _ in range(ROUNDS + 1):
        clocks = {role: Clock(network) for role, network in networks.items()}
        for role, clock in clocks.items():
            setattr(detector, role, clock)
        start = processor_seconds()
        found = [detector.find(field, SPACING_UM_PX) for field in fields]
        whole = processor_seconds() - start
        rounds.append({"whole": whole, **{role: own.seconds for role, own in clocks.items()}})
    median = {name: float(np.median([one[name] for one in rounds[1:]])) for name in rounds[0]}
    mm2 = sum(field[..., 0].size for field in fields) * SPACING_UM_PX**2 / 1e6
    row = {
        "model": model,
        "images": len(fields),
        "mm2": round(mm2, 3),
        "candidates": sum(map(len, found)),
        "accepted": sum(int(each.accepted.sum()) for each in found),
        **{f"{name}_seconds": round(seconds, 4) for name, seconds in median.items()},
        "subtyper_share": round(median["subtyper"] / median["whole"], 4),
        "hardware": hardware(),
    }
    with out.open("w", newline="", encoding="utf-8") as file:
        table = csv.DictWriter(file, row, lineterminator="\n")
        table.writeheader()
        table.writerow(row)
    print(row)


if __name__ == "__main__":
    main()
