"""One slide's way into its output folder, and how it ended."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from mitokeras.counting.kept import Request
from mitokeras.counting.nottingham import FIELD_DIAMETER_MM
from mitokeras.counting.prediction import Prediction
from mitokeras.disk.locks import sole_writer
from mitokeras.errors import DataError
from mitokeras.predict.detection import detect_steps
from mitokeras.predict.folder import OutputFolder, request_for
from mitokeras.predict.location import SlideFile
from mitokeras.predict.step import Step, Steps
from mitokeras.predict.tasks import RenderTask
from mitokeras.report.slide.outputs import DEFAULT_OUTPUTS, OUTPUTS

if TYPE_CHECKING:
    from mitokeras.detect.spec import DetectorSpec


@dataclass(frozen=True)
class SlideJob:
    """A slide to predict.

    Attributes:
        location: Where the slide is found.
        folder: Its own output folder.
        outputs: Names of `OUTPUTS`.
        field_diameter_mm: Diameter of one high-power field.
    """

    location: SlideFile
    folder: Path
    outputs: tuple[str, ...] = DEFAULT_OUTPUTS
    field_diameter_mm: float = FIELD_DIAMETER_MM

    def steps(
        self, spec: DetectorSpec, model: str, false_per_mm2: float | None = None
    ) -> Steps[Prediction]:
        """Go on where an earlier start was stopped; at once at the end where it is finished.

        Args:
            spec: Specification of the detector that executes the tasks.
            model: Name of its folder.
            false_per_mm2: False figures per mm2 of tissue at the specification's thresholds; None
                where not measured.

        Raises:
            DataError: See `detect_steps`; or the folder holds a prediction of another slide, or by
                another model, threshold or spacing; or the slide has changed meanwhile.
            OSError: The folder cannot be written, or another program is writing it.
        """
        request = request_for(self.location, spec)
        with sole_writer(self.folder):
            return (yield from self._steps(request, spec, model, false_per_mm2))

    def _steps(
        self, request: Request, spec: DetectorSpec, model: str, false_per_mm2: float | None
    ) -> Steps[Prediction]:
        folder = OutputFolder(self.folder)
        prediction = folder.prediction(request)
        if prediction is None:
            journal = folder.journal(request)
            prediction = yield from detect_steps(
                self.location, spec, model, self.field_diameter_mm, journal, false_per_mm2
            )
        elif (prediction.count.field_diameter_mm, prediction.false_per_mm2) != (
            self.field_diameter_mm,
            false_per_mm2,
        ):
            prediction = prediction.counted_with(self.field_diameter_mm, false_per_mm2)
        elif folder.holds(self.outputs):
            return prediction
        there = folder.outputs()
        outputs = tuple(name for name in OUTPUTS if name in self.outputs or name in there)
        task = RenderTask(self.location, prediction, outputs)
        files: dict[str, bytes]
        (files,) = yield Step("render", "files", [task], dict)
        self._check_unchanged(request, spec)
        folder.write(request, prediction, files)
        return prediction

    def _check_unchanged(self, request: Request, spec: DetectorSpec) -> None:
        """Refuse what was found on a file that was written meanwhile; it may be gone by now."""
        try:
            now = request_for(self.location, spec)
        except (DataError, OSError):
            return
        if not now.has_the_files_of(request):
            raise DataError(
                f"{self.location}: has changed while it was read. Give the command again"
            )


@dataclass(frozen=True)
class Outcome:
    """How a job ended.

    Attributes:
        job: What was to do.
        prediction: Where it ended well.
        error: Where it did not: a sentence of one line.
    """

    job: SlideJob
    prediction: Prediction | None = None
    error: str | None = None
