"""Finding the image and label files of a data set, and what their paths say."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path, PureWindowsPath
from typing import TypeVar

from mitokeras.data.fields import Split
from mitokeras.disk.folders import find_folders, visible
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

    Raises:
        DataError: As of `find_folders`, by whose rules they are found.
    """
    paths = (
        path
        for here in find_folders(folder)
        for path in visible(here)
        if path.suffix.lower() in suffixes and path.is_file()
    )
    return sorted(paths, key=lambda path: path.relative_to(folder).as_posix())


def is_there(path: Path) -> bool:
    """Whether a label file is there.

    Raises:
        DataError: Something else has its name, such as a folder or a pipe.
    """
    if path.exists() and not path.is_file():
        raise DataError(f"{path}: must be a file. Received: a folder, a pipe or a device")
    return path.exists()


def named_file(where: str | Path, name: str, folders: Iterable[Path]) -> Path | None:
    """The file that a label file names, below one of the folders; None where none is there.

    Args:
        where: The label file, perhaps with the line, for the error.
        name: As it stands there, with the separators of any system.
        folders: Where it may lie.

    Raises:
        DataError: Several folders hold a file of this name, or it would lie outside of them.
    """
    path = PureWindowsPath(name)  # knows the separators and roots of all systems
    if path.drive or path.root or ".." in path.parts:
        raise DataError(f"{where}: an image must lie in the data set's folder. Received: {name}")
    name = name.replace("\\", "/")
    found: dict[Path, Path] = {}
    for folder in folders:
        if _is_file_below(name, folder):
            found.setdefault((folder / name).resolve(), folder / name)
    if len(found) > 1:
        raise DataError(
            f"{where}: an image's name must be that of one file. "
            f"Received: {name}, which may be {' or '.join(map(str, found.values()))}"
        )
    return next(iter(found.values()), None)


def _is_file_below(name: str, folder: Path) -> bool:
    """Links are followed: whoever lays them out has the folder. A label file has only its words."""
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
    splits = map(split_named, path.relative_to(root).parent.parts)
    return next((split for split in splits if split), None)


def split_named(folder: str) -> Split | None:
    """The split that a word of a folder's name stands for."""
    words = re.split(r"[^a-z]+", folder.lower())
    return next((SPLIT_WORDS[word] for word in words if word in SPLIT_WORDS), None)


def listing(paths: Iterable[Path]) -> str:
    """The first few file names without suffix, for a note."""
    names = [path.stem for path in paths]
    return ", ".join(names[:NAMES_IN_NOTE]) + (", ..." if len(names) > NAMES_IN_NOTE else "")
