"""Images in one folder, masks of the same names in the folder beside it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

from mitokeras.data.fields import DataSet, Field
from mitokeras.data.readers.case_names import case_before_separator, case_of
from mitokeras.data.readers.case_notes import notes_on_guessed
from mitokeras.data.readers.cases import read_cases
from mitokeras.data.readers.files import (
    IMAGE_SUFFIXES,
    by_key,
    find_files,
    is_there,
    split_of,
)
from mitokeras.data.readers.spacing import spacing_of, stated_spacing
from mitokeras.disk.folders import find_folders
from mitokeras.errors import DataError

DEPTH = 2
"""How many folders down image folders are looked for."""


@dataclass(frozen=True)
class PairFolders:
    """Folder names of a layout of images and masks, in lower case."""

    images: Sequence[str]
    masks: Sequence[str]


def find_pairs(root: Path, names: PairFolders) -> list[tuple[Path, Path | None]]:
    """Image folders in the data set's root and below, each with the mask folder beside it."""
    below: dict[Path, dict[str, Path]] = defaultdict(dict)
    for folder in _named(root, names):
        below[folder.parent][folder.name.lower()] = folder
    found = []
    for children in below.values():
        images = next((children[name] for name in names.images if name in children), None)
        masks = next((children[name] for name in names.masks if name in children), None)
        if images:
            found.append((images, masks))
    return found


def _named(root: Path, names: PairFolders) -> list[Path]:
    return [
        folder
        for folder in find_folders(root)
        if 0 < len(folder.relative_to(root).parts) <= DEPTH + 1
        and folder.name.lower() in (*names.images, *names.masks)
    ]


def has_pairs(root: Path, names: PairFolders) -> bool:
    """Whether there is an image folder with a mask folder beside it."""
    return any(masks for _, masks in find_pairs(root, names))


def pair_masks(images: Path, masks: Path) -> dict[Path, Path]:
    """Map each image to its mask: the same path below the two folders, suffix apart.

    Raises:
        DataError: If an image has no mask, a mask no image, or two files the same name.
    """
    image_files, mask_files = by_place(images), by_place(masks)
    for place, path in image_files.items():
        if place not in mask_files:
            raise DataError(f"{path}: an image needs a mask of its name. Looked in: {masks}")
    for place, path in mask_files.items():
        if place not in image_files:
            raise DataError(f"{path}: a mask needs an image of its name. Looked in: {images}")
    return {path: mask_files[place] for place, path in image_files.items()}


def read_pairs(root: Path, spacing_um_px: float | None, layout: str, names: PairFolders) -> DataSet:
    """Read images with masks; cases from cases.csv, else from folders and file names.

    Raises:
        DataError: An image or mask is alone, or two folders' names differ in capitals only.
    """
    by_key(
        _named(root, names),
        lambda folder: (folder.parent, folder.name.lower()),
        "names of folders must differ in more than capitals",
    )
    pairs: dict[Path, Path] = {}
    guessed: dict[Path, str] = {}
    for images, masks in find_pairs(root, names):
        if masks is None:
            raise DataError(f"{images}: needs a folder {' or '.join(names.masks)} beside it")
        paired = pair_masks(images, masks)
        pairs |= paired
        guessed |= {path: case_of(path, images, case_before_separator) for path in paired}
    table = root / "cases.csv"
    notes: list[str] = []
    spacing = spacing_of(stated_spacing(root, spacing_um_px), None, notes)
    if is_there(table):
        stated = read_cases(table, list(pairs), root)
    else:
        stated = {path: (case, split_of(path, root)) for path, case in guessed.items()}
        notes += notes_on_guessed(guessed, "no cases.csv: ")
    notes += _notes_on_others(root, {*pairs, *pairs.values()}, names)
    fields = tuple(
        Field(path, stated[path][0], **spacing, mask=mask, split=stated[path][1])
        for path, mask in pairs.items()
    )
    return DataSet(layout, fields, tuple(notes))


def by_place(folder: Path) -> dict[str, Path]:
    """Images by their path below the folder, without suffix."""
    return by_key(
        find_files(folder, IMAGE_SUFFIXES),
        lambda path: path.relative_to(folder).with_suffix("").as_posix(),
    )


def _notes_on_others(root: Path, read: Collection[Path], names: PairFolders) -> list[str]:
    """A note on images that are in no pair, such as those of a test set in other folders."""
    known = {path.resolve() for path in read}  # links to images outside of their folder as well
    others = [path for path in find_files(root, IMAGE_SUFFIXES) if path.resolve() not in known]
    if not others:
        return []
    folders = list(dict.fromkeys(path.parent.relative_to(root).as_posix() for path in others))
    return [
        f"{len(others)} images are not read, as they lie in no folder {' or '.join(names.images)} "
        f"with {' or '.join(names.masks)} beside it, at most {DEPTH} folders down, but in "
        f"{', '.join(folders[:5])}{', ...' if len(folders) > 5 else ''}"
    ]
