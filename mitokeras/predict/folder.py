"""The output folder of one slide: finished, or not there."""

from __future__ import annotations

import hashlib
import json
import logging
import os
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from mitokeras import __version__
from mitokeras.counting.kept import (
    OUTDATED,
    OUTDATED_FILE,
    PREDICTION_FILE,
    Kept,
    Request,
    read_kept,
)
from mitokeras.counting.prediction import Prediction
from mitokeras.disk.files import (
    JSON_END,
    atomic_folder,
    atomic_path,
    recover_folder,
    write_json,
)
from mitokeras.errors import DataError, ModelError
from mitokeras.predict.detection import CANDIDATES_A_TASK, TILES_A_TASK
from mitokeras.predict.journal import Journal
from mitokeras.predict.location import SlideFile
from mitokeras.report.slide.outputs import OUTPUTS
from mitokeras.slides.content import content_sha256
from mitokeras.slides.footprint import footprint

if TYPE_CHECKING:
    from mitokeras.detect.spec import DetectorSpec

logger = logging.getLogger(__name__)


def request_for(location: SlideFile, spec: DetectorSpec) -> Request:
    """What a prediction of a slide answers now.

    Raises:
        DataError: The slide is not there.
        OSError: It may not be read.
    """
    footprint(location.path)  # what is no file must not be opened
    # Till it is opened, a network drive may keep true size and time back.
    content = content_sha256(location.path)
    found = footprint(location.path)
    text = json.dumps(spec.model_dump(mode="json"), sort_keys=True)
    return Request(
        mitokeras=__version__,
        source=hashlib.sha256(os.fsencode(location.source)).hexdigest(),
        size_bytes=found.size_bytes,
        mtime_ns=found.mtime_ns,
        detector_sha256=hashlib.sha256(text.encode()).hexdigest(),
        spacing_um_px=location.spacing_um_px,
        content_sha256=content,
    )


class OutputFolder:
    """All outputs of a slide appear at once, when they are finished.

    Args:
        path: The folder; beside it lies, until then, the journal.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    def prediction(self, request: Request) -> Prediction | None:
        """What is kept for a request; None where there is nothing or the slide has changed.

        What cannot be read, as after a power cut, counts as nothing. What a kill has left is
        cleared away. What is there of a slide that has changed is marked as outdated.

        Raises:
            DataError: The folder holds something else, or a prediction of another slide, by another
                model or at another threshold or spacing, which is not written over.
        """
        recover_folder(self.path)
        path = self.path / PREDICTION_FILE
        if not path.is_file():
            if self.path.exists() and not (self.path.is_dir() and not any(self.path.iterdir())):
                raise DataError(f"{self.path}: must be a folder of predictions, empty or not there")
            return None
        try:
            kept = self.kept()
        except ModelError as error:
            logger.warning("%s; predicting again", error)
            return None
        is_about_it = kept.request.is_about_the_slide_of(request)
        has_changed = not kept.request.has_the_files_of(request)
        if is_about_it and has_changed:
            self.outdate()
        if not kept.request.asks_the_same_of(request):
            raise DataError(
                f"{self.path}: holds a prediction by another model, threshold or spacing. Remove "
                "it, or choose another --out"
            )
        if not is_about_it:
            raise DataError(
                f"{self.path}: holds a prediction of another slide, of this name or one that "
                "differs in capitals or accents only. Remove it, or choose another --out"
            )
        if has_changed or kept.request.mitokeras != request.mitokeras:
            return None
        (self.path / OUTDATED_FILE).unlink(missing_ok=True)
        Journal.drop(self._journal)  # where a kill came between
        return kept.prediction

    def kept(self) -> Kept:
        """What the folder holds, whatever it was asked for.

        Raises:
            ModelError: The file is missing or not JSON.
            DataError: It is of another version.
        """
        return read_kept(self.path)

    def outputs(self) -> list[str]:
        """Names of the outputs that are there, those that are empty as well."""
        return [name for name in OUTPUTS if self._output(name).is_file()]

    def holds(self, outputs: Sequence[str]) -> bool:
        """Whether these outputs are there, and none of any is empty, as after a power cut."""
        there = self.outputs()
        return set(outputs) <= set(there) and all(self._output(n).stat().st_size for n in there)

    def outdate(self) -> None:
        """Mark what is kept as that of a slide which has changed since."""
        with atomic_path(self.path / OUTDATED_FILE) as partial:
            partial.write_text(f"{OUTDATED}\n", encoding="utf-8")

    def is_damaged(self) -> bool:
        """Whether a power cut has left results empty or half written; none at all are not."""
        path = self.path / PREDICTION_FILE
        if not path.is_file():
            return False
        with path.open("rb") as file:
            file.seek(max(0, path.stat().st_size - len(JSON_END)))
            return file.read() != JSON_END or not self.holds([])

    def journal(self, request: Request) -> Journal:
        """What is finished of the slide so far."""
        parts = {"tiles": TILES_A_TASK, "candidates": CANDIDATES_A_TASK}
        return Journal(self._journal, {**request.model_dump(mode="json"), "parts": parts})

    def _foreign(self) -> list[Path]:
        """What the user keeps there."""
        ours = {PREDICTION_FILE, OUTDATED_FILE, *(output.file_name for output in OUTPUTS.values())}
        return [path for path in self.path.glob("*") if path.name not in ours]

    def write(self, request: Request, prediction: Prediction, files: Mapping[str, bytes]) -> None:
        """Write all files at once, and drop the journal.

        Raises:
            OSError: The disk is full or the folder cannot be written; it is as it was.
        """
        with atomic_folder(self.path, replace=True) as partial:
            for path in self._foreign():
                copy = shutil.copytree if path.is_dir() else shutil.copy2
                copy(path, partial / path.name)
            for name, content in files.items():
                (partial / name).write_bytes(content)
            kept = Kept(request=request, prediction=prediction)
            write_json(partial / PREDICTION_FILE, kept.model_dump(mode="json"), indent=None)
        Journal.drop(self._journal)

    def _output(self, name: str) -> Path:
        return self.path / OUTPUTS[name].file_name

    @property
    def _journal(self) -> Path:
        return self.path.with_name(f".{self.path.name}.progress")
