"""A step is a description; who executes it finds what the journal holds, and keeps the rest."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mitokeras.predict.journal import Journal
from mitokeras.predict.location import SlideFile
from mitokeras.predict.step import Step, Steps
from mitokeras.predict.under_way import StepUnderWay, follow

SLIDE = SlideFile(Path("a.svs"))


@dataclass(frozen=True, eq=False)
class Squares:
    values: np.ndarray


@dataclass(frozen=True)
class Square:
    size: int
    location: SlideFile = SLIDE

    def run(self, *_: object) -> Squares:
        return Squares(np.array([self.size**2]))


def step(folder: Path, *numbers: int) -> Step[Squares]:
    return Step("square", "tiles", [Square(n) for n in numbers], Squares, Journal(folder, "a"))


def execute(under_way: StepUnderWay[Any]) -> None:
    for number in reversed(under_way.missing):
        under_way.keep(number, under_way.step.tasks[number].run())


def test_a_restart_finds_what_was_kept(tmp_path: Path) -> None:
    folder = tmp_path / "journal"
    first = StepUnderWay(step(folder, 3, 4, 5))
    assert (first.missing, first.size_done) == ([0, 1, 2], 0)
    first.keep(1, Squares(np.array([16])))
    assert (folder / "square_000001.npz").is_file()
    again = StepUnderWay(step(folder, 3, 4, 5))
    assert (again.missing, again.size_done, again.step.size) == ([0, 2], 4, 12)
    execute(again)
    assert [int(one.values[0]) for one in again.results()] == [9, 16, 25]


def test_results_are_sent_back_in_the_order_of_the_tasks(tmp_path: Path) -> None:
    left = []

    def steps() -> Steps[list[int]]:
        try:
            first: list[Squares] = yield step(tmp_path / "1", 1, 2, 3)
            none: list[Squares] = yield step(tmp_path / "2")
            return [int(one.values[0]) for one in first + none]
        finally:
            left.append("locks")

    assert follow(steps(), execute) == [1, 4, 9]

    def fail(under_way: StepUnderWay[Any]) -> None:
        raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="No space"):
        follow(steps(), fail)
    assert left == ["locks", "locks"]
