"""AMIDA13 and the TUPAC16 mitosis set that contains it: one folder per case, points as row, column.

Sources: Veta et al., Med Image Anal 20, 2015; https://tupac.grand-challenge.org/Submission-format
("row-column order"); look-alikes from the alternative labels of Bertram et al., 2020
(github.com/DeepMicroscopy/TUPAC16_AlternativeLabels).
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from mitokeras.data.fields import DataSet, Field
from mitokeras.data.readers.files import IMAGE_SUFFIXES, by_key, find_files, split_of
from mitokeras.data.readers.labelled import labelled_dataset
from mitokeras.data.readers.spacing import stated_spacing
from mitokeras.data.readers.tables import read_points

LOOKS_FOR = "case folders of two digits with CSV files of points (01/01.csv)"

SPACING_UM_PX = 0.25
"""Aperio ScanScope XT (cases 1 to 23, AMIDA13) and Leica SCN400 (24 to 73, TUPAC16)."""

LOOKALIKES_FOLDER = "nonmitoses_ground_truth"

Key = tuple[bool, str, str]
"""Whether it is in the test set, the case, the frame. The test set numbers its cases anew."""


def recognises(root: Path) -> bool:
    """Whether a CSV file of a case folder lies below the folder, both named by two digits."""
    return any(_is_frame(path) for path in find_files(root, (".csv",)))


def read(root: Path, spacing_um_px: float | None) -> DataSet:
    """Frames that have both an image and a CSV file, which may lie in different folders.

    A frame without CSV file is not read (the contests kept the labels of their test cases); an
    empty CSV file says that there is no mitosis.
    """
    spacing = stated_spacing(root, spacing_um_px) or SPACING_UM_PX
    tables = find_files(root, (".csv",))
    labels = _frames(root, (path for path in tables if LOOKALIKES_FOLDER not in path.parts))
    lookalikes = _frames(root, (path for path in tables if LOOKALIKES_FOLDER in path.parts))
    images = _frames(root, find_files(root, IMAGE_SUFFIXES))
    labelled = []
    for key, path in labels.items():
        image = images.get(key, path.with_suffix(".tif"))
        labelled.append(
            Field(
                image=image,
                case=f"test-{key[1]}" if key[0] else key[1],
                spacing_um_px=spacing,
                figures=read_points(path, ("y", "x"), "mitosis"),
                lookalikes=(
                    read_points(lookalikes[key], ("y", "x"), "not_mitosis")
                    if key in lookalikes
                    else ()
                ),
                split=split_of(image, root),
            )
        )
    return labelled_dataset("amida13", labelled, images.values(), ())


def _is_frame(path: Path) -> bool:
    return all(len(name) == 2 and name.isdecimal() for name in (path.parent.name, path.stem))


def _frames(root: Path, paths: Iterable[Path]) -> dict[Key, Path]:
    return by_key(
        filter(_is_frame, paths),
        lambda path: (split_of(path, root) == "test", path.parent.name, path.stem),
        "a frame of a case may occur only once",
    )
