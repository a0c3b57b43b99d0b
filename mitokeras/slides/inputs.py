"""From what the user names, files, folders and patterns, to the slides that it stands for."""

from __future__ import annotations

import glob
import logging
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from unicodedata import normalize

from mitokeras.errors import ConfigError, DataError
from mitokeras.slides.folders import slides_below
from mitokeras.slides.footprint import DICOM
from mitokeras.slides.opening import SUFFIXES
from mitokeras.slides.openslide_reader import dicom_series
from mitokeras.text import printable

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Input:
    """One slide or image to look at.

    Attributes:
        path: The file; for DICOM one of the slide's files.
        name: Name for outputs, different for each input: the path below the folder that was given,
            with slashes, or the file's name; of a DICOM slide the series stands in place of the
            file's, as its files come in any order.
    """

    path: Path
    name: str


def find_inputs(inputs: Sequence[str | Path], exclude: Path | None = None) -> list[Input]:
    """Resolve files, folders and glob patterns.

    A folder stands for all slides and images below it, as `slides_below` finds them. The DICOM
    files of one series in a folder are one slide. What exists is never a pattern.

    Args:
        inputs: Files, folders and patterns, in which ** is any depth of folders.
        exclude: A folder of outputs; nothing inside is taken from folders and patterns.

    Returns:
        In the order of `inputs`, those of a folder or pattern sorted; each file once.

    Raises:
        DataError: One of `inputs` does not exist or holds no slide, or a folder is not readable or
            a link out of the folder that was given.
        ConfigError: Two files would have one name.
    """
    left_out = None if exclude is None else exclude.resolve()
    found = [each for given in inputs for each in _resolve(given, left_out)]
    slides = _one_a_dicom_slide(_each_file_once(found))
    names: dict[str, Input] = {}
    for each in slides:
        other = names.setdefault(normalize("NFC", each.name).casefold(), each)
        if other is not each:
            raise ConfigError(
                f"{each.path}: each input must have a name of its own, also where capitals and the "
                f"coding of accents do not count. Received: {each.name} of {other.path} as well"
            )
    return slides


def _each_file_once(found: Sequence[Input]) -> list[Input]:
    """The first of each file; a link that names it as well is said."""
    of_file: dict[Path, Input] = {}
    told: dict[str, str] = {}
    for each in found:
        first = of_file.setdefault(each.path.resolve(), each)
        if os.path.abspath(each.path) != os.path.abspath(first.path):
            told[str(each.path)] = str(first.path)
    for left_out, taken in told.items():
        logger.warning("%s: left out: the same file as %s", printable(left_out), printable(taken))
    return list(of_file.values())


def _resolve(given: str | Path, exclude: Path | None) -> list[Input]:
    path = Path(given)
    if path.is_file():
        return [Input(path, path.name)]
    if path.is_dir():
        files = [] if _inside(path, exclude) else slides_below(path, exclude, _refuse)
        found = [Input(file, file.relative_to(path).as_posix()) for file in files if file.is_file()]
        what = "no slide or image in this folder"
    elif glob.has_magic(str(given)):
        matches = sorted(Path(match) for match in glob.glob(str(given), recursive=True))
        found = [
            Input(match, match.name)
            for match in matches
            if match.suffix.lower() in SUFFIXES and match.is_file() and not _inside(match, exclude)
        ]
        what = "no slide or image matches"
    else:
        raise DataError(f"{given}: no such file or folder")
    if not found:
        beside = "" if exclude is None else f", apart from what is in {exclude}"
        raise DataError(f"{given}: {what}{beside}. Suffixes are {', '.join(SUFFIXES)}")
    return found


def _inside(path: Path, folder: Path | None) -> bool:
    return folder is not None and path.resolve().is_relative_to(folder)


def _one_a_dicom_slide(inputs: Sequence[Input]) -> list[Input]:
    """Keep of the DICOM files of a slide in a folder the first by name, at its place.

    Files that OpenSlide does not know belong to the slide beside them, if there is one; else the
    first stands for them, and fails when it is opened. A slide has the name of its series.
    """
    folders: dict[Path, list[Input]] = {}
    for each in inputs:
        if each.path.suffix.lower() == DICOM:
            folders.setdefault(each.path.resolve().parent, []).append(each)
    kept: dict[Input, Input] = {}
    for files in folders.values():
        first_of: dict[str | None, Input] = {}
        for each in sorted(files, key=lambda each: each.path.name):
            first_of.setdefault(dicom_series(each.path), each)
        if len(first_of) > 1:
            first_of.pop(None, None)
        kept |= {first: _named(first, series) for series, first in first_of.items()}
    return [
        kept.get(each, each) for each in inputs if each.path.suffix.lower() != DICOM or each in kept
    ]


def _named(slide: Input, series: str | None) -> Input:
    if series is None:
        return slide
    return Input(slide.path, str(PurePosixPath(slide.name).with_name(f"{series}{DICOM}")))


def _refuse(path: Path, trouble: str) -> None:
    raise DataError(f"{path}: {trouble}")
