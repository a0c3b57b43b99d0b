"""ICPR 2012 contest (MITOS): one CSV file per frame, the pixels of one mitosis per row.

Sources: Roux et al., J Pathol Inform 4:8, 2013; http://ludo17.free.fr/mitos_2012/. The contest
shows each frame as BMP or TIFF, and once more as JPEG with the mitoses painted yellow.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from mitokeras.data.fields import DataSet, Field, Mark
from mitokeras.data.readers.case_names import case_before_frame_number
from mitokeras.data.readers.files import (
    IMAGE_SUFFIXES,
    by_stem,
    find_files,
    listing,
    split_of,
)
from mitokeras.data.readers.labelled import labelled_dataset
from mitokeras.data.readers.places import LARGEST_PX
from mitokeras.data.readers.spacing import spacing_of, stated_spacing
from mitokeras.data.readers.tables import read_rows
from mitokeras.errors import DataError

LOOKS_FOR = "CSV files with the pixels of one mitosis a row (x,y,x,y,...)"

SPACING_UM_PX = {"A": 0.2456, "H": 0.2274, "M": 0.185}
"""By scanner, the first letter of a frame's name: Aperio ScanScope XT, Hamamatsu NanoZoomer (0.2273
by 0.22753, the geometric mean), multispectral microscope. Each makes a field of 512 x 512 um."""

FRAME = re.compile(r"([AHM])(\d\d)_\d\d")
"""Scanner, slide and frame. All scanners saw the same slides."""

JPEG_SUFFIXES = (".jpeg", ".jpg")


def recognises(root: Path) -> bool:
    """Whether a CSV file below the folder looks like a pixel list."""
    return any(_is_pixel_list(path) for path in find_files(root, (".csv",)))


def read(root: Path, spacing_um_px: float | None) -> DataSet:
    """Frames that have both an image and a CSV file, wherever below the folder each lies.

    The case is the number of the slide, which is the same under every scanner. A frame without
    CSV file is not read, since nothing says that it holds no mitosis; an empty CSV file does.
    """
    stated = stated_spacing(root, spacing_um_px)
    labels = by_stem(find_files(root, (".csv",)))
    images, notes = _choose_images(find_files(root, IMAGE_SUFFIXES))
    labelled = []
    for stem, path in labels.items():
        frame = FRAME.fullmatch(stem)
        known = SPACING_UM_PX[frame[1]] if frame else None
        image = images.get(stem, path.with_suffix(".bmp"))
        labelled.append(
            Field(
                image=image,
                case=frame[2] if frame else case_before_frame_number(stem),
                **spacing_of(stated, known, notes),
                figures=tuple(_mark(pixels) for pixels in read_pixel_lists(path)),
                split=split_of(image, root),
            )
        )
    return labelled_dataset("icpr2012", labelled, images.values(), notes)


def read_pixel_lists(path: Path) -> list[np.ndarray]:
    """The pixels of each mitosis of a frame, integer arrays of (x, y) rows.

    Raises:
        DataError: If a row holds an odd number of values, or something else than whole numbers.
    """
    mitoses = []
    for line, cells in read_rows(path).lines:
        while not cells[-1]:
            cells.pop()  # a comma may end the row
        if len(cells) % 2:
            raise DataError(
                f"{path}, line {line}: needs x,y,x,y,..., an even number of values. "
                f"Received: {len(cells)}"
            )
        try:
            values = [int(cell) for cell in cells]
        except ValueError as error:
            raise DataError(
                f"{path}, line {line}: pixel coordinates must be whole numbers. Received: {error}"
            ) from error
        if max(map(abs, values)) >= LARGEST_PX:
            raise DataError(f"{path}, line {line}: pixel coordinates must be below {LARGEST_PX}")
        mitoses.append(np.array(values).reshape(-1, 2))
    return mitoses


def _mark(pixels: np.ndarray) -> Mark:
    x, y = pixels.mean(axis=0)
    return Mark(float(x), float(y), pixels=pixels)


def _is_pixel_list(path: Path) -> bool:
    with path.open(encoding="utf-8", errors="replace") as file:
        first = file.readline().strip()
    cells = [cell.strip() for cell in re.split("[,;\t|]", first.rstrip(",;\t|"))]
    if not first:
        return FRAME.fullmatch(path.stem) is not None
    return len(cells) > 3 and all(cell.isdecimal() for cell in cells)


def _choose_images(paths: Sequence[Path]) -> tuple[dict[str, Path], list[str]]:
    """Images by stem. A frame's JPEG is only taken where it is the frame's only image."""
    jpegs = by_stem(path for path in paths if path.suffix.lower() in JPEG_SUFFIXES)
    others = by_stem(path for path in paths if path.suffix.lower() not in JPEG_SUFFIXES)
    only_jpegs = [path for stem, path in jpegs.items() if stem not in others]
    notes = []
    if only_jpegs:
        notes.append(
            f"{len(only_jpegs)} frames are JPEG; the contest painted the mitoses yellow in its "
            f"JPEG frames, on which nothing can be learned: {listing(only_jpegs)}"
        )
    if len(only_jpegs) < len(jpegs):
        count = len(jpegs) - len(only_jpegs)
        notes.append(f"{count} JPEG frames are left out: the same frames are there as BMP or TIFF")
    return jpegs | others, notes
