"""The case of an image from its place and name, where no table gives it.

Tiles are named after their slide and their position in it, and tiles of one slide are of one case.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

from mitokeras.data.readers.files import split_named

TCGA = re.compile(r"TCGA[-_]([A-Z0-9]{2})[-_]([A-Z0-9]{4})(?![A-Z0-9])", re.IGNORECASE)
"""Site and patient: https://docs.gdc.cancer.gov/Encyclopedia/pages/TCGA_Barcode/."""

NAME = r"(?P<slide>.*?[^\s_-].*?)"
NAME_WITH_NUMBER = r"(?P<slide>.*?\d.*?)"
"""What must be left: `Case_10_03` is a frame of `Case_10`, not a tile of `Case`."""

LETTERS = (("x", "y"), ("y", "x"), ("r", "c"), ("row", "col(?:umn)?"), ("i", "j"))

TILES = (
    # S1 [x=0,y=64,w=64,h=64], S1 (0, 64)
    NAME + r"[\s_-]*[\[(](?:[^\[\]()]*\bx ?= ?-?\d|\s*\d+\s*[,;x_ -]\s*\d+).*",
    # S1_x0_y64, S1_x0_y64_w64_h64, S1_row0_col1
    *(
        NAME + rf"[\s_,-]+{a}[=_-]?\d+[\s_,-]*{b}[=_-]?\d+(?:[\s_,-]+[a-z]+[=_-]?\d+)*"
        for a, b in LETTERS
    ),
    NAME + r"[\s_-]+\d+x\d+",  # S1_0x64
    NAME_WITH_NUMBER + r"(?:[_-]\d+){4}",  # S1_0_64_64_64
    NAME_WITH_NUMBER + r"(?P<sep>[_-])\d+(?P=sep)\d+",  # S1_0_64
    NAME + r"(?:[\s_-]+(?:crop|field|fov|frame|hpf|level|patch|roi|tile)[=_-]?\d*)+",  # S1_tile12
    NAME + r"\s*\(\d+\)",  # S1 (2), as Windows numbers copies
)
"""Names of tiles and other parts of a slide; one after the other, their ends are left out."""


def case_of(image: Path, folder: Path, by_name: Callable[[str], str]) -> str:
    """The case of an image: a TCGA patient, else its sub-folder, else what its name says.

    Args:
        image: The image.
        folder: Where the data set's images lie. A folder that names a split, and `images`, are
            no case.
        by_name: `case_before_frame_number` or `case_before_separator`.
    """
    below = image.relative_to(folder)
    patient = _patient(below.as_posix())
    if patient:
        return patient
    cases = [
        part for part in below.parent.parts if part.lower() != "images" and not split_named(part)
    ]
    return cases[0] if cases else by_name(image.stem)


def case_before_frame_number(stem: str) -> str:
    """`Case_10` of `Case_10-03`: all before a tile's position or the last number, else the stem.

    Before a position, the last number goes as well, but only where a number is left.
    """
    slide = slide_of(stem)
    match = re.fullmatch(r"(.+?)[-_ ]\d+", slide)
    if not match or (slide != stem and not re.search(r"\d", match[1])):
        return slide
    return match[1]


def case_before_separator(stem: str) -> str:
    """`P07` of `P07_block2_003`: all before the first `-` or `_`, else the stem."""
    slide = slide_of(stem)
    return re.split("[-_]", slide, maxsplit=1)[0] or slide


def _patient(name: str) -> str | None:
    match = TCGA.search(name)
    return f"TCGA-{match[1]}-{match[2]}".upper() if match else None


def slide_of(stem: str) -> str:
    """The name of its slide in that of a tile or another part; any other name as it is."""
    for pattern in TILES:
        match = re.fullmatch(pattern, stem, re.IGNORECASE)
        if match:
            stem = match["slide"]
    return stem
