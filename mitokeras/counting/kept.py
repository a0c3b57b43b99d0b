"""The file in which a prediction is kept, with what it answers."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from mitokeras.counting.prediction import Prediction
from mitokeras.disk.files import is_left_aside, read_json
from mitokeras.disk.records import Record, parse
from mitokeras.errors import ConfigError, DataError

PREDICTION_FILE = "prediction.json"

OUTDATED_FILE = "outdated.txt"
"""Lies beside results of a slide that has changed since, until it is predicted again."""

OUTDATED = "the slide has changed since it was predicted, and was not predicted again to the end"
"""Its content."""


class Request(Record):
    """What a prediction answers.

    Attributes:
        mitokeras: Version.
        source: SHA-256 of where the slide lies, so that no path goes into the outputs.
        size_bytes: Size of the slide's files together.
        mtime_ns: When they were last written.
        detector_sha256: Checksum of the content of detector.json.
        spacing_um_px: The user's override, or None.
        content_sha256: See `mitokeras.slides.content.content_sha256`; None in a prediction of
            before there was this, which is judged by size and time alone.
    """

    mitokeras: str
    source: str
    size_bytes: int
    mtime_ns: int
    detector_sha256: str
    spacing_um_px: float | None
    content_sha256: str | None = None

    def asks_the_same_of(self, other: Request) -> bool:
        """Whether only the slide's files or the version differ."""
        return (self.detector_sha256, self.spacing_um_px) == (
            other.detector_sha256,
            other.spacing_um_px,
        )

    def is_about_the_slide_of(self, other: Request) -> bool:
        """Whether the slide is another version of the other, or the same in another place."""
        return self.source == other.source or self.has_the_files_of(other)

    def has_the_files_of(self, other: Request) -> bool:
        """Whether the slide's files have not changed in between."""
        same = (self.size_bytes, self.mtime_ns) == (other.size_bytes, other.mtime_ns)
        return same and self.has_content(other.content_sha256)

    def has_content(self, content_sha256: str | None) -> bool:
        """Whether the slide's files hold this, as far as both are known."""
        return None in (self.content_sha256, content_sha256) or (
            self.content_sha256 == content_sha256
        )


class Kept(Record):
    """Content of prediction.json."""

    request: Request
    prediction: Prediction


def prediction_folders(folder: Path) -> Iterator[Path]:
    """The folders below a folder, itself included, that hold a prediction, each once.

    Links to folders are followed; one that leads nowhere, as to a drive that is away, is given
    where it may be that of a prediction. What lies there only while a program writes is none, nor
    is what lies in a hidden folder, such as the trash, unless it is a slide's own.
    """
    seen: set[Path] = set()
    for name, folders, files in os.walk(folder, followlinks=True):
        here = Path(name)
        real = here.resolve()
        if real in seen:
            folders.clear()
            continue
        seen.add(real)
        if PREDICTION_FILE in files:
            yield here
        else:
            links = (here / each for each in sorted(files) if not each.startswith("."))
            yield from (each for each in links if each.is_symlink() and not each.exists())
        folders[:] = [
            each
            for each in sorted(folders)
            if not each.startswith(".")
            or ((here / each / PREDICTION_FILE).is_file() and not is_left_aside(each))
        ]


def read_kept(folder: Path) -> Kept:
    """What a folder of a slide's outputs holds, whatever it was asked for.

    Raises:
        ModelError: The file is missing or not JSON.
        DataError: It is of another version.
    """
    path = folder / PREDICTION_FILE
    try:
        kept: Kept = parse(Kept, read_json(path))
    except ConfigError as error:
        raise DataError(f"{path}: not a prediction of this version: {error}") from error
    return kept
