"""Times of several tasks in one run, so that what else the machine does meets all of them."""

from __future__ import annotations

import csv
import statistics
import time
from collections.abc import Callable, Hashable, Mapping, Sequence
from pathlib import Path
from typing import TypeVar

from hardware import hardware

Name = TypeVar("Name", bound=Hashable)


def median_seconds(tasks: Mapping[Name, Callable[[], object]], repeats: int) -> dict[Name, float]:
    """Run the tasks in turns, once to warm up and then so many times."""
    seconds: dict[Name, list[float]] = {name: [] for name in tasks}
    for repeat in range(repeats + 1):
        for name, task in tasks.items():
            start = time.perf_counter()
            task()
            if repeat:
                seconds[name].append(time.perf_counter() - start)
    return {name: statistics.median(times) for name, times in seconds.items()}


def write_table(path: Path, head: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """Write and show a CSV, with the hardware in its last column."""
    machine = hardware()
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow([*head, "hardware"])
        writer.writerows([*row, machine] for row in rows)
    print(path.read_text(encoding="utf-8"))
