"""The folders below a folder, where some are links."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from mitokeras.errors import DataError


def find_folders(folder: Path) -> list[Path]:
    """A folder and all below, each once.

    Links to folders are followed. A folder that lies there and is linked to as well is found where
    the link is: whoever laid it out says by it which split or case the files are of.

    Raises:
        DataError: A link leads nowhere, or two links to one folder.
    """
    own = folder.resolve()
    linked: dict[Path, Path] = {}
    found: dict[Path, Path] = {}
    for here, real in _folders(folder, frozenset()):
        is_own = real == own / here.relative_to(folder)
        if not is_own and linked.setdefault(real, here) != here:
            raise DataError(f"{here}: a folder may be linked only once, as in {linked[real]}")
        if not is_own or real not in linked:
            found[real] = here
    return list(found.values())


def _folders(here: Path, above: frozenset[Path]) -> Iterator[tuple[Path, Path]]:
    """A folder and all below, each with its own place; none below itself."""
    real = here.resolve()
    if real in above:
        return
    yield here, real
    for child in visible(here):
        if child.is_dir():
            yield from _folders(child, above | {real})


def visible(folder: Path) -> list[Path]:
    """What lies in a folder, sorted, but for hidden files and folders: archives packed on a Mac
    hold a `._name.jpg` beside each image, which is none.

    Raises:
        DataError: A link leads nowhere.
    """
    found = [path for path in folder.iterdir() if not path.name.startswith(".")]
    for path in found:
        if path.is_symlink() and not path.exists():
            raise DataError(f"{path}: a link must lead somewhere. Received: {path.readlink()}")
    return sorted(found)
