"""The predicted slides of a folder, each with the slide that was predicted."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path, PurePosixPath

from mitokeras.counting.kept import PREDICTION_FILE, Kept, prediction_folders, read_kept
from mitokeras.errors import DataError, MitokerasError, one_line
from mitokeras.slides.content import content_sha256
from mitokeras.slides.footprint import Footprint, footprint
from mitokeras.slides.inputs import Input, find_inputs
from mitokeras.verdicts.fingerprint import fingerprint
from mitokeras.verdicts.subject import PredictedSlide, prediction_stamp


@dataclass(frozen=True)
class Found:
    """A folder with a prediction.

    Attributes:
        name: Of the slide in the folder of predictions, with slashes.
        slide: What can be reviewed; None where it cannot.
        trouble: Why not, in one line.
    """

    name: str
    slide: PredictedSlide | None
    trouble: str = ""


def find_predicted(folder: Path, slides: Path | None) -> list[Found]:
    """Find what `predict` or `watch` has written, and the slides.

    Args:
        folder: Of one slide's prediction, or of many.
        slides: Where the slides lie; None for beside the folder and in the folders beside it.

    Raises:
        DataError: There is no prediction, or none whose slide is there as it was predicted.
    """
    source, folders = slide_source(folder, slides)
    found = [source.find(each) for each in folders]
    if not any(each.slide for each in found):
        raise DataError(found[0].trouble)
    return found


def slide_source(folder: Path, slides: Path | None) -> tuple[SlideSource, list[Path]]:
    """Where a command finds the slides of a folder of predictions, and the folder of each.

    Args:
        folder: Of one slide's prediction, or of many.
        slides: From --slides.

    Raises:
        DataError: There is no prediction, or `slides` is no folder.
    """
    if not folder.is_dir():
        raise DataError(f"{folder}: no such folder")
    if slides is not None and not slides.is_dir():
        raise DataError(f"{slides}: --slides must be a folder that is there")
    folders = predicted_folders(folder)
    if not folders:
        raise DataError(f"{folder}: must hold what predict or watch wrote, a folder for each slide")
    return SlideSource(folder, slides, "--slides FOLDER"), folders


def predicted_folders(folder: Path) -> list[Path]:
    """The folders of predictions in a folder, sorted, or that folder where it is one."""
    if (folder / PREDICTION_FILE).is_file():
        return [folder]
    return sorted(prediction_folders(folder))


class SlideSource:
    """Where the slides of a folder of predictions are looked for.

    Args:
        folder: Of one slide's prediction, or of many.
        slides: Where the slides lie; None for beside the folder and in the folders beside it.
        option: How a user says where they lie, for the error.
    """

    def __init__(self, folder: Path, slides: Path | None, option: str) -> None:
        self._option = option
        self._given = folder
        self._folder = folder.resolve()
        self._is_one = (folder / PREDICTION_FILE).is_file()
        self._slides = slides
        self._below: list[Input] | None = None

    @cached_property
    def _beside(self) -> list[Path]:
        """The folders that DIR lies in, and those beside it."""
        around = list(self._folder.parents[: 2 if self._is_one else 1])
        beside = sorted(path for path in around[-1].glob("[!.]*") if path.is_dir())
        return [*around, *beside]

    def name_of(self, folder: Path) -> str:
        """The slide's name in the folder of predictions, with slashes."""
        return self._folder.name if self._is_one else folder.relative_to(self._given).as_posix()

    def find(self, folder: Path) -> Found:
        """The slide of a folder of predictions."""
        name = self.name_of(folder)
        try:
            stamp = prediction_stamp(folder)
            kept = read_kept(folder)
            slide = PredictedSlide(
                folder=folder,
                path=self._path(name, kept),
                spacing_um_px=kept.request.spacing_um_px,
                stamp=stamp,
                image=kept.prediction.image,
                fingerprint=fingerprint(kept.prediction),
                candidates=len(kept.prediction.detections),
                figures=kept.prediction.count.figures,
            )
        except (MitokerasError, OSError) as error:
            return Found(name, None, one_line(error, folder))
        return Found(name, slide)

    def _path(self, name: str, kept: Kept) -> Path:
        """The file that was predicted: by its name, then by its size, time and content."""
        predicted = Footprint(kept.request.size_bytes, kept.request.mtime_ns)
        others = []
        for path in self._candidates(name):
            same = predicted.is_that_of(footprint(path))
            if same and kept.request.has_content(content_sha256(path)):
                return path
            others.append(path)
        if others:
            raise DataError(
                f"{others[0]}: must be the file that was predicted, of {predicted.size_bytes} "
                f"bytes. Received: one of {footprint(others[0]).size_bytes} bytes, or written to "
                "since; predict it again"
            )
        where = self._slides or f"{self._folder.parents[self._is_one]} and the folders in it"
        hint = "" if self._slides else f"; say where it is with {self._option}"
        raise DataError(f"{self._folder / name}: its slide was not found in {where}{hint}")

    def _candidates(self, name: str) -> Iterator[Path]:
        last = PurePosixPath(name).name
        if self._slides is None:
            direct = [root / each for root in self._beside for each in dict.fromkeys((name, last))]
        else:
            direct = [self._slides / name, self._slides / last]
        yield from dict.fromkeys(path for path in direct if path.is_file())
        if self._slides is not None:
            if self._below is None:
                self._below = find_inputs([self._slides], exclude=self._folder)
            for each in self._below:
                if PurePosixPath(each.name).name == last and each.path not in direct:
                    yield each.path
