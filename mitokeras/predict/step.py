"""A step of a slide's way: tasks that do not need one another."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from contextlib import closing
from typing import Any, TypeVar

from mitokeras.predict.journal import Journal, NoJournal
from mitokeras.predict.tasks import Task

Result = TypeVar("Result")


class Step:
    """Tasks, and the results that an engine brings.

    Args:
        name: For the journal.
        unit: What a task's size counts, in the plural.
        tasks: Independent of one another.
        record: Class of their results, for those that the journal holds already.
        journal: Keeps each result.

    Attributes:
        results: One a task; None where it is missing.
    """

    def __init__(
        self,
        name: str,
        unit: str,
        tasks: Sequence[Task],
        record: type[Any] | None = None,
        journal: Journal | NoJournal | None = None,
    ) -> None:
        self.name = name
        self.unit = unit
        self.tasks = tasks
        self._journal = journal or NoJournal()
        self.results: list[Any] = [None] * len(tasks)
        if record is not None:
            self.results = [self._journal.load(self._entry(i), record) for i in range(len(tasks))]

    @property
    def missing(self) -> list[int]:
        """Numbers of the tasks that are still to do."""
        return [i for i, result in enumerate(self.results) if result is None]

    @property
    def size(self) -> int:
        """Tiles or candidates in all tasks."""
        return sum(task.size for task in self.tasks)

    @property
    def size_missing(self) -> int:
        return sum(self.tasks[i].size for i in self.missing)

    def keep(self, number: int, result: Any) -> None:
        """Take the result of a task."""
        self._journal.save(self._entry(number), result)
        self.results[number] = result

    def _entry(self, number: int) -> str:
        return f"{self.name}_{number:06d}"


Steps = Generator[Step, None, Result]
"""Each step is handed out when all results of the one before are in; the end is the result."""


def follow(steps: Steps[Result], execute: Callable[[Step], None]) -> Result:
    """Execute step after step."""
    with closing(steps):  # its locks end with it
        while True:
            try:
                step = next(steps)
            except StopIteration as end:
                result: Result = end.value
                return result
            execute(step)
