"""Where the slides of a data set lie that are not in its own folder."""

from __future__ import annotations

from collections.abc import Iterable, Set
from pathlib import Path

from mitokeras.data.readers.files import by_key, find_files
from mitokeras.data.readers.tables import DATASET_JSON, read_dataset_json
from mitokeras.errors import DataError
from mitokeras.slides.opening import SUFFIXES


def stated_slides(root: Path) -> Path | None:
    """The folder of slides that the data set's dataset.json names.

    Raises:
        DataError: It is none.
    """
    slides = read_dataset_json(root).get("slides")
    if slides is None:
        return None
    if not isinstance(slides, str) or not (root / slides).is_dir():
        raise DataError(f"{root / DATASET_JSON}: slides must be a folder. Received: {slides!r}")
    return root / slides


def slides_elsewhere(root: Path, stems: Set[str], beside: bool) -> dict[str, Path]:
    """Slides and images of some names that the data set's own folder has not.

    Args:
        root: The folder.
        stems: The names, without suffix.
        beside: Where dataset.json states no folder, look in the one that the data set lies in and
            in those beside it. Not for a data set with images of its own: there, one of the same
            name may be of another.

    Raises:
        DataError: Two files have one of the names, or the stated folder is not there.
    """
    stated = stated_slides(root)
    if not stems or (stated is None and not beside):
        return {}
    found = _around(root.resolve()) if stated is None else find_files(stated, SUFFIXES)
    return by_key((path for path in found if path.stem in stems), lambda path: path.stem)


def _around(root: Path) -> Iterable[Path]:
    beside = (path for path in sorted(root.parent.glob("[!.]*")) if path.is_dir())
    for folder in (root.parent, *(path for path in beside if path != root)):
        yield from (path for path in sorted(folder.glob("[!.]*")) if _is_image(path))


def _is_image(path: Path) -> bool:
    return path.suffix.lower() in SUFFIXES and path.is_file()
