"""A step of a slide's way: tasks that do not need one another."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from mitokeras.predict.journal import Journal
from mitokeras.predict.tasks import Task

Result = TypeVar("Result")
End = TypeVar("End")


@dataclass(frozen=True)
class Step(Generic[Result]):
    """What is to do next.

    Attributes:
        name: Name of its results in the journal.
        unit: What a task's size counts, in the plural.
        tasks: Independent of one another.
        record: Class of the results.
        journal: Keeps each result; None where nobody resumes.
    """

    name: str
    unit: str
    tasks: Sequence[Task[Result]]
    record: type[Result]
    journal: Journal | None = None

    @property
    def size(self) -> int:
        """Tiles or candidates in all tasks."""
        return sum(task.size for task in self.tasks)


Steps = Generator[Step[Any], list[Any], End]
"""Hands out step after step, and is sent the results of each in the order of its tasks."""
