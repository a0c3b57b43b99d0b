"""Which files in a folder are slides."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from mitokeras.slides.footprint import MIRAX
from mitokeras.slides.opening import SUFFIXES

# "._a.jpg" of archives packed on a Mac, "~$a.tif" of a program that has it open.
_HIDDEN = (".", "~")
# "$RECYCLE.BIN" of Windows, "@eaDir" of network stores: thumbnails.
_SYSTEM = (*_HIDDEN, "$", "@")


def slides_below(
    folder: Path,
    exclude: Path | None = None,
    on_trouble: Callable[[Path, str], None] = lambda path, trouble: None,
) -> list[Path]:
    """All slides and images below a folder by their suffixes, sorted; none is opened.

    Hidden and temporary files are none, nor is what lies in hidden folders and those that systems
    keep for themselves, or in the folder of a MIRAX slide, whose data are there.

    Args:
        folder: Looked through with all folders in it; links to folders are not followed.
        exclude: A folder below it that is passed over.
        on_trouble: Called with what is passed over though it may hold slides, and why: a folder
            that cannot be read, a link out of the folder, or one to nothing.
    """

    def not_readable(error: OSError) -> None:
        on_trouble(Path(error.filename), f"cannot be read: {error.strerror}")

    passed_over = exclude and _as_below(folder, exclude)
    found = []
    for name, folders, files in os.walk(folder, onerror=not_readable):
        here = Path(name)
        seen = [here / file for file in files if not file.startswith(_HIDDEN)]
        slides = [file for file in seen if file.suffix.lower() in SUFFIXES]
        companions = {slide.stem for slide in slides if slide.suffix.lower() == MIRAX}
        folders[:] = [
            each
            for each in folders
            if not each.startswith(_SYSTEM)
            and each not in companions
            and here / each != passed_over
        ]
        found += slides
        for path in (*seen, *(here / each for each in folders)):
            if trouble := _trouble_of_link(path, folder):
                on_trouble(path, trouble)
    return sorted(found)


def _trouble_of_link(path: Path, folder: Path) -> str:
    """Why a link is passed over, or nothing where its slides are found without it."""
    if not path.is_symlink():
        return ""
    if not path.exists():
        return f"a link must lead somewhere. Received: {os.readlink(path)}"
    if path.is_dir() and not path.resolve().is_relative_to(folder.resolve()):
        return f"a link to a folder is not followed. Received: {os.readlink(path)}"
    return ""


def _as_below(folder: Path, inner: Path) -> Path | None:
    """The path of a folder by way of another that it is in."""
    root, resolved = folder.resolve(), inner.resolve()
    return folder / resolved.relative_to(root) if resolved.is_relative_to(root) else None
