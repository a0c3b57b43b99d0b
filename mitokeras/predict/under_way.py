"""A step that is being executed, and the way from step to step."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from typing import Any, Generic

from mitokeras.predict.step import End, Result, Step, Steps


class StepUnderWay(Generic[Result]):
    """Which results of a step are in; those that its journal holds are from the start.

    Args:
        step: What is to do.
    """

    def __init__(self, step: Step[Result]) -> None:
        self.step = step
        self._results: dict[int, Result] = {}
        if step.journal is not None:
            for i in range(len(step.tasks)):
                if (result := step.journal.load(self._entry(i), step.record)) is not None:
                    self._results[i] = result

    @property
    def missing(self) -> list[int]:
        """Numbers of the tasks that are still to do."""
        return [i for i in range(len(self.step.tasks)) if i not in self._results]

    @property
    def size_done(self) -> int:
        """Tiles or candidates in the tasks that are done."""
        return sum(self.step.tasks[i].size for i in self._results)

    def keep(self, number: int, result: Result) -> None:
        """Take the result of a task.

        Raises:
            OSError: The journal cannot be written.
        """
        if self.step.journal is not None:
            self.step.journal.save(self._entry(number), result)
        self._results[number] = result

    def results(self) -> list[Result]:
        """One of each task, in their order, when none is missing."""
        return [self._results[i] for i in range(len(self.step.tasks))]

    def _entry(self, number: int) -> str:
        return f"{self.step.name}_{number:06d}"


def follow(steps: Steps[End], execute: Callable[[StepUnderWay[Any]], None]) -> End:
    """Execute step after step; `execute` brings what is missing of each."""
    results: Any = None  # starts a generator
    with closing(steps):  # its locks end with it
        while True:
            try:
                step = steps.send(results)
            except StopIteration as end:
                result: End = end.value
                return result
            under_way = StepUnderWay(step)
            execute(under_way)
            results = under_way.results()
