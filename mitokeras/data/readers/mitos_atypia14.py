"""MITOS-ATYPIA-14: one folder per slide, frames at 40x and two CSV files of points for each.

Source: https://mitos-atypia-14.grand-challenge.org/ (Roux et al., 2014).
"""

from __future__ import annotations

import re
from pathlib import Path

from mitokeras.data.fields import DataSet, Field
from mitokeras.data.readers.case_names import case_before_frame_number
from mitokeras.data.readers.files import (
    IMAGE_SUFFIXES,
    by_key,
    find_files,
    split_of,
)
from mitokeras.data.readers.labelled import labelled_dataset
from mitokeras.data.readers.spacing import spacing_of, stated_spacing
from mitokeras.data.readers.tables import read_points

LOOKS_FOR = "slide folders with frames/x40/ and mitosis/*_mitosis.csv"

SPACING_UM_PX = {"A": 0.2455, "H": 0.2274}
"""By scanner, the first letter of a frame's name: Aperio ScanScope XT (1539 x 1376 px) and
Hamamatsu NanoZoomer 2.0-HT (1663 x 1485 px)."""

FRAME = re.compile(r"([AH])(\d\d)_\w+")
"""Scanner, slide and frame. Both scanners saw the same slides."""

FIGURES = "_mitosis.csv"
LOOKALIKES = "_not_mitosis.csv"


def recognises(root: Path) -> bool:
    """Whether a slide folder with frames at 40x lies below the folder."""
    return any(_is_x40(path.parent) for path in find_files(root, IMAGE_SUFFIXES))


def read(root: Path, spacing_um_px: float | None) -> DataSet:
    """Frames at 40x that have both an image and a mitosis CSV file.

    The case is the number of the slide, which is the same under both scanners. A frame without
    `_mitosis.csv` is not read (the contest kept the labels of its test slides); an empty file
    says that there is no mitosis. The third column, a confidence, is not used.
    """
    stated = stated_spacing(root, spacing_um_px)
    images = _images(root)
    notes: list[str] = []
    labelled = []
    lookalikes = _tables(root, LOOKALIKES)
    for (slide, stem), path in _tables(root, FIGURES).items():
        frame = FRAME.fullmatch(stem)
        known = SPACING_UM_PX[frame[1]] if frame else None
        labelled.append(
            Field(
                image=images.get((slide, stem), slide / "frames" / "x40" / f"{stem}.tiff"),
                case=frame[2] if frame else case_before_frame_number(stem),
                **spacing_of(stated, known, notes),
                figures=read_points(path, ("x", "y"), "mitosis"),
                lookalikes=(
                    read_points(lookalikes[slide, stem], ("x", "y"), "not_mitosis")
                    if (slide, stem) in lookalikes
                    else ()
                ),
                split=split_of(path, root),
            )
        )
    return labelled_dataset("mitos_atypia14", labelled, images.values(), notes)


def _is_x40(folder: Path) -> bool:
    return folder.is_dir() and folder.parent.name == "frames"


def _images(root: Path) -> dict[tuple[Path, str], Path]:
    """Images by the folder of their slide and their stem."""
    return by_key(
        (path for path in find_files(root, IMAGE_SUFFIXES) if _is_x40(path.parent)),
        lambda path: (path.parents[2], path.stem),
        "a frame may have only one image",
    )


def _tables(root: Path, end: str) -> dict[tuple[Path, str], Path]:
    """CSV files of this end by the folder of their slide and the stem of their frame."""
    return by_key(
        (
            path
            for path in find_files(root, (".csv",))
            if path.name.endswith(end)
            and path.name.endswith(LOOKALIKES) == (end == LOOKALIKES)
            and path.parent != root  # else the slide's folder would lie above
        ),
        lambda path: (path.parents[1], path.name.removesuffix(end)),
        "a frame may have only one such file",
    )
