"""Which task of which slide is next, when several slides are under way at once."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from mitokeras.counting.prediction import Prediction
from mitokeras.errors import MitokerasError, one_line
from mitokeras.predict.jobs import Outcome, SlideJob
from mitokeras.predict.step import Step, Steps
from mitokeras.predict.tasks import Task
from mitokeras.predict.under_way import StepUnderWay

MOST_LOSSES = 3
"""A task that so many workers died of fails its slide."""


@dataclass(eq=False)
class Piece:
    """A task, and where its result belongs. One of `done`, `failed` and `lost` is called.

    Attributes:
        task: What to execute.
        number: Its place in the step.
        losses: Workers that died of it.
    """

    task: Task[Any]
    number: int
    _slide: SlideUnderWay
    losses: int = 0

    def done(self, result: Any) -> None:
        """Keep its result."""
        self._slide.keep(self, result)

    def failed(self, error: Exception) -> None:
        """End its slide with what the task raised."""
        self._slide.fail(error)

    def lost(self, reason: str, guilty: bool) -> None:
        """Have it executed again, as its worker has died.

        Args:
            reason: One line.
            guilty: The worker was executing it, and not waiting to.
        """
        self.losses += guilty
        if self.losses >= MOST_LOSSES:
            self._slide.fail(
                MitokerasError(
                    f"{self.task.location}: given up, {MOST_LOSSES} workers died on it: {reason}"
                )
            )
        elif self._slide.outcome is None:
            self._slide.pieces.appendleft(self)


@dataclass(eq=False)
class SlideUnderWay:
    """A slide between its first and its last task.

    Attributes:
        job: What is to do.
        pieces: Tasks that can be executed now.
        outcome: Where it has ended; results that still come in are dropped then.
        tiles: Number of tiles in stage 1, once it is known.
        tiles_done: How many of them are done.
    """

    job: SlideJob
    _steps: Steps[Prediction]
    pieces: deque[Piece] = field(default_factory=deque)
    outcome: Outcome | None = None
    tiles: int = 0
    tiles_done: int = 0

    def __post_init__(self) -> None:
        self._advance(lambda: next(self._steps))

    def keep(self, piece: Piece, result: Any) -> None:
        if self.outcome is not None:
            return
        try:
            self._step.keep(piece.number, result)
        except OSError as error:
            self.fail(error)
            return
        if self._step.step.unit == "tiles":
            self.tiles_done += piece.task.size
        if not self._step.missing:
            self._advance(lambda: self._steps.send(self._step.results()))

    def fail(self, error: Exception) -> None:
        if self.outcome is None:
            self._advance(lambda: self._steps.throw(error))

    def close(self) -> None:
        """Leave it as it is, to be gone on with another time."""
        self._steps.close()

    def _advance(self, go: Callable[[], Step[Any]]) -> None:
        """Go to the next step that has something to do, or to the end."""
        try:
            self._step = self._begun(go())
            while not self._step.missing:
                self._step = self._begun(self._steps.send(self._step.results()))
        except StopIteration as end:
            self._end(Outcome(self.job, end.value))
        except (MitokerasError, OSError) as error:
            self._end(Outcome(self.job, error=one_line(error, self.job.folder)))
        else:
            tasks = self._step.step.tasks
            self.pieces = deque(Piece(tasks[i], i, self) for i in self._step.missing)

    def _begun(self, step: Step[Any]) -> StepUnderWay[Any]:
        under_way = StepUnderWay(step)
        if step.unit == "tiles":
            self.tiles = step.size
            self.tiles_done = under_way.size_done
        return under_way

    def _end(self, outcome: Outcome) -> None:
        self.outcome = outcome
        self.tiles = self.tiles_done
        self.pieces.clear()


class Schedule:
    """Hands out the tasks of the slide that was begun first, so that slides end one by one.

    Args:
        jobs: Taken one by one, when there is room for another slide.
        steps: Begins a slide.
    """

    def __init__(
        self, jobs: Iterable[SlideJob], steps: Callable[[SlideJob], Steps[Prediction]]
    ) -> None:
        self._jobs = iter(jobs)
        self._steps = steps
        self._slides: list[SlideUnderWay] = []
        self._more = True
        self._tiles_ended = 0

    def close(self) -> None:
        """Leave the slides that are under way, and free their folders."""
        for slide in self._slides:
            slide.close()

    @property
    def over(self) -> bool:
        """Whether all slides have ended and were handed out."""
        return not self._more and not self._slides

    @property
    def tiles(self) -> tuple[int, int]:
        """Tiles done, and tiles known of, in all slides so far."""
        done = sum(slide.tiles_done for slide in self._slides)
        known = sum(slide.tiles for slide in self._slides)
        return self._tiles_ended + done, self._tiles_ended + known

    def next_piece(self) -> Piece | None:
        """A task that can be executed now; None where all wait for the results of others."""
        for slide in self._slides:
            if slide.pieces:
                return slide.pieces.popleft()
        return None

    def begin(self, most: int) -> bool:
        """Begin another slide, unless `most` are under way or none is left."""
        if not self._more or len(self._slides) >= most:
            return False
        job = next(self._jobs, None)
        if job is None:
            self._more = False
            return False
        self._slides.append(SlideUnderWay(job, self._steps(job)))
        return True

    def ended(self) -> Iterator[Outcome]:
        """The outcome of each slide that has ended since the last call."""
        ended = [slide for slide in self._slides if slide.outcome is not None]
        for slide in ended:
            self._slides.remove(slide)
            self._tiles_ended += slide.tiles
            if slide.outcome is not None:
                yield slide.outcome
