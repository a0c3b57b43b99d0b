"""One slide after the other, in this process."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import TYPE_CHECKING, Any

from mitokeras.counting.prediction import Prediction
from mitokeras.errors import MitokerasError, one_line, wants_memory
from mitokeras.predict.jobs import Outcome, SlideJob
from mitokeras.predict.location import SlideLocation
from mitokeras.predict.step import End, Steps
from mitokeras.predict.tasks import Tick
from mitokeras.predict.under_way import StepUnderWay, follow

if TYPE_CHECKING:
    from mitokeras.detect.detector import FieldDetector
    from mitokeras.slides import Slide

Progress = Callable[[str, StepUnderWay[Any]], AbstractContextManager[Tick]]
"""Name of a slide and a step -> what shows its progress."""

logger = logging.getLogger(__name__)


@contextmanager
def silent(name: str, step: StepUnderWay[Any]) -> Iterator[Tick]:
    """Show nothing."""
    yield lambda done: None


class LocalEngine:
    """Executes tasks one after the other; the network's threads share the cores.

    Args:
        detector: Runs the networks.
        progress: Is told of each step.
    """

    def __init__(self, detector: FieldDetector, progress: Progress = silent) -> None:
        self.detector = detector
        self._progress = progress

    def run(self, jobs: Iterable[SlideJob]) -> Iterator[Outcome]:
        """Predict slide after slide; one that fails does not stop the others."""
        for job in jobs:
            try:
                outcome = Outcome(job, self.predict(job))
            except Exception as error:
                outcome = Outcome(job, error=_reason(job, error))
            yield outcome

    def predict(self, job: SlideJob) -> Prediction:
        """Predict one slide into its folder.

        Raises:
            MitokerasError: See `SlideJob.steps`.
            OSError: The output folder cannot be written.
        """
        detector = self.detector
        steps = job.steps(detector.spec, detector.name, detector.false_per_mm2)
        return self.follow(job.location, steps)

    def follow(self, location: SlideLocation, steps: Steps[End]) -> End:
        """Execute the steps of one slide."""
        slide: Slide | None = None

        def execute(under_way: StepUnderWay[Any]) -> None:
            nonlocal slide
            missing = under_way.missing
            if not missing:
                return
            slide = slide or location.open()
            with self._progress(location.name, under_way) as tick:
                for number in missing:
                    task = under_way.step.tasks[number]
                    under_way.keep(number, task.run(slide, self.detector, tick))

        try:
            return follow(steps, execute)
        finally:
            if slide is not None:
                slide.close()


def _reason(job: SlideJob, error: Exception) -> str:
    """Why a slide failed, in one line."""
    if wants_memory(error):
        return f"{job.location}: this computer has not enough memory"
    if isinstance(error, MitokerasError | OSError):
        return one_line(error, job.folder)
    # A bug that one slide shows leaves its trace, and does not hold up an archive.
    logger.error("%s", job.location, exc_info=error)
    return f"{job.location}: {error!r}"
