"""The table cases.csv, in which users say which patient an image belongs to."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path, PurePosixPath

from mitokeras.data.fields import Split
from mitokeras.data.readers.files import IMAGE_SUFFIXES, SPLIT_WORDS, split_of
from mitokeras.data.readers.tables import read_table
from mitokeras.errors import DataError


def read_cases(
    table: Path, images: Sequence[Path], root: Path
) -> dict[Path, tuple[str, Split | None]]:
    """Case and split of each image, from the columns image, case and perhaps split.

    The column `image` holds a path's end: the file name, or more of the path where the name
    alone is not unique; the suffix may be left out. Without a split in the table, folder names
    give it.

    Raises:
        DataError: If a row names no image or several, or an image has no row or several.
    """
    by_stem = defaultdict(list)
    for path in images:
        by_stem[path.stem].append(path)
    cases: dict[Path, tuple[str, Split | None]] = {}
    for line, row in read_table(table, ("image", "case")):
        where = f"{table}, line {line}"
        parts = _parts(row["image"])
        matches = [
            path
            for path in by_stem.get(parts[-1] if parts else "", [])
            if path.with_suffix("").parts[-len(parts) :] == parts
        ]
        if len(matches) != 1:
            raise DataError(f"{where}: must name one image. {row['image']!r} names {len(matches)}")
        if matches[0] in cases:
            raise DataError(f"{where}: an image may have only one row. Received: {row['image']!r}")
        if not row["case"]:
            raise DataError(f"{where}: needs a case. Received none")
        split = parse_split(row.get("split", ""), where) or split_of(matches[0], root)
        cases[matches[0]] = (row["case"], split)
    for path in images:
        if path not in cases:
            raise DataError(f"{table}: needs a row for each image. Received none for {path.name}")
    return cases


def parse_split(text: str, where: str) -> Split | None:
    """The split that a cell names; None for an empty cell."""
    if not text:
        return None
    if text.lower() not in SPLIT_WORDS:
        raise DataError(f"{where}: split must be train, validation or test. Received: {text!r}")
    return SPLIT_WORDS[text.lower()]


def _parts(name: str) -> tuple[str, ...]:
    path = PurePosixPath(name.replace("\\", "/"))
    return (path.with_suffix("") if path.suffix.lower() in IMAGE_SUFFIXES else path).parts
