"""Whether a slide on the disk is still, or again, the one that was seen."""

from __future__ import annotations

import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from mitokeras.errors import DataError

DICOM, MIRAX = ".dcm", ".mrxs"
"""Suffixes of slides that are several files."""

_SAME_TIME_NS = 1_000_000  # one file's time differs by rounding between network file systems


@dataclass(frozen=True)
class Footprint:
    """Size and time of all the files that make up a slide.

    Attributes:
        size_bytes: Sum of their sizes.
        mtime_ns: Last change of the one that changed last, nanoseconds since 1970.
    """

    size_bytes: int
    mtime_ns: int

    def is_that_of(self, other: Footprint) -> bool:
        """Whether both are of one file that nobody has written to in between."""
        return (
            self.size_bytes == other.size_bytes
            and abs(self.mtime_ns - other.mtime_ns) < _SAME_TIME_NS
        )


def footprint(path: Path) -> Footprint:
    """Size and time of a slide, which both stay while nobody writes to it.

    Args:
        path: The file: a .mrxs counts with the folder of its name, a .dcm with all of its
            folder, any other alone.

    Raises:
        DataError: A file is missing or not readable, or the slide is no file, such as a pipe.
    """
    try:
        stats = [file.stat() for file in files_of(path)]
    except OSError as error:
        raise DataError(f"{path}: cannot be read: {error.strerror}") from error
    if not stat.S_ISREG(stats[0].st_mode):
        raise DataError(f"{path}: a slide must be a file. Received: a folder, a pipe or a device")
    return Footprint(sum(each.st_size for each in stats), max(each.st_mtime_ns for each in stats))


def files_of(path: Path) -> Iterator[Path]:
    yield path
    suffix = path.suffix.lower()
    if suffix == MIRAX:
        yield from (file for file in path.with_suffix("").rglob("*") if file.is_file())
    elif suffix == DICOM:
        beside = (file for file in path.parent.iterdir() if file.suffix.lower() == suffix)
        yield from (file for file in beside if file != path and file.is_file())
