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
    on_error: Callable[[OSError], None] | None = None,
) -> list[Path]:
    """All slides and images below a folder by their suffixes, sorted; none is opened.

    Hidden and temporary files are none, nor is what lies in hidden folders and those that systems
    keep for themselves, or in the folder of a MIRAX slide, whose data are there.

    Args:
        folder: Looked through with all folders in it; links to folders are not followed.
        exclude: A folder below it that is passed over.
        on_error: Called for a folder that cannot be read; None passes over it.
    """
    passed_over = exclude and _as_below(folder, exclude)
    found = []
    for name, folders, files in os.walk(folder, onerror=on_error):
        here = Path(name)
        slides = [
            here / file
            for file in files
            if not file.startswith(_HIDDEN) and Path(file).suffix.lower() in SUFFIXES
        ]
        companions = {slide.stem for slide in slides if slide.suffix.lower() == MIRAX}
        folders[:] = [
            each
            for each in folders
            if not each.startswith(_SYSTEM)
            and each not in companions
            and here / each != passed_over
        ]
        found += slides
    return sorted(found)


def _as_below(folder: Path, inner: Path) -> Path | None:
    """The path of a folder by way of another that it is in."""
    root, resolved = folder.resolve(), inner.resolve()
    return folder / resolved.relative_to(root) if resolved.is_relative_to(root) else None
