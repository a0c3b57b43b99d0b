"""Finding the image and label files of a data set, and what their paths say."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path, PureWindowsPath
from typing import TypeVar

from mitokeras.data.fields import Split
from mitokeras.errors import DataError

IMAGE_SUFFIXES = (".bmp", ".jpeg", ".jpg", ".png", ".tif", ".tiff")

SPLIT_WORDS: dict[str, Split] = {
    "train": "train",
    "training": "train",
    "val": "validation",
    "valid": "validation",
    "validation": "validation",
    "test": "test",
    "testing": "test",
    "evaluation": "test",
}
"""Words of folder names, and of a `split` column, that name a split."""

NAMES_IN_NOTE = 3

Key = TypeVar("Key")


def find_files(folder: Path, suffixes: Sequence[str]) -> list[Path]:
    """Files below a folder with one of the suffixes (any case), in the order of their paths.

    Hidden files and folders are passed over: archives packed on a Mac hold a `._name.jpg` beside
    each image, which is none.
    """
    found = []
    for path in folder.rglob("*"):
        hidden = any(part.startswith(".") for part in path.relative_to(folder).parts)
        if path.suffix.lower() in suffixes and not hidden and path.is_file():
            found.append(path)
    return sorted(found, key=lambda path: path.relative_to(folder).as_posix())


def is_file_below(name: str, folder: Path) -> bool:
    """Whether a label file names a file that is there, below the folder.

    Links are followed: whoever lays them out has the folder. A label file has only its words.
    """
    path = PureWindowsPath(name)  # knows the separators and roots of all systems
    if path.drive or path.root or ".." in path.parts:
        return False
    try:
        return (folder / name).is_file()
    except OSError:  # the name is too long
        return False


def by_key(
    paths: Iterable[Path],
    key_of: Callable[[Path], Key],
    rule: str = "a file name may occur only once",
) -> dict[Key, Path]:
    """Map keys to the one path of each.

    Raises:
        DataError: If two paths have the same key, which breaks the rule.
    """
    found: dict[Key, Path] = {}
    for path in paths:
        first = found.setdefault(key_of(path), path)
        if first is not path:
            raise DataError(f"{path}: {rule}, as in {first}")
    return found


def by_stem(paths: Iterable[Path]) -> dict[str, Path]:
    """Map file names without suffix to their paths; see `by_key`."""
    return by_key(paths, lambda path: path.stem)


def split_of(path: Path, root: Path) -> Split | None:
    """The split that a folder between the data set's root and the file names, if one does."""
    for folder in path.relative_to(root).parent.parts:
        for word in re.split(r"[^a-z]+", folder.lower()):
            if word in SPLIT_WORDS:
                return SPLIT_WORDS[word]
    return None


def case_before_frame_number(stem: str) -> str:
    """`Case_10` of `Case_10-03`: all before the last `-` or `_` and a number, else the stem."""
    match = re.fullmatch(r"(.+)[-_]\d+", stem)
    return match[1] if match else stem


def case_before_separator(stem: str) -> str:
    """`P07` of `P07_block2_003`: all before the first `-` or `_`, else the stem."""
    return re.split("[-_]", stem, maxsplit=1)[0] or stem


def listing(paths: Iterable[Path]) -> str:
    """The first few file names without suffix, for a note."""
    names = [path.stem for path in paths]
    return ", ".join(names[:NAMES_IN_NOTE]) + (", ..." if len(names) > NAMES_IN_NOTE else "")
