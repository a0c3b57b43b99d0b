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

NAME_BEHIND = r"(?P<slide>(?=[a-z])(?=.*\d).+)"
"""A slide behind its position: `x0_y64_S1`, but not `x0_y64_tumour` or `x0_y64_1`."""

PART = "crop|field|fov|frame|hpf|level|patch|roi|tile"

AXES = (
    *(("x", "y"), ("px", "py"), ("xmin", "ymin"), ("left", "top"), ("w", "h")),
    *(("col(?:umn)?", "row"), ("c", "r"), ("j", "i")),
)
NUMBER = r"[=_-]?\d+(?:\.\d+)?"
SIZE = f"(?:w|h|d|l|z|size){NUMBER}"
LETTERED = "(?:{})".format(
    "|".join(
        rf"(?<![a-z]){first}{NUMBER}[\s_,;-]*{second}{NUMBER}"
        for pair in AXES
        for first, second in (pair, pair[::-1])
    )
)
"""x0_y64, row0_col1, in either order: a position wherever it stands, whatever is behind it."""

TILES = (
    # S1 [x=0,y=64,w=64,h=64], S1 (0, 64)
    NAME + r"[\s_-]*[\[(](?:[^\[\]()]*\bx ?= ?-?\d|\s*\d+\s*[,;x_ -]\s*\d+).*",
    rf"(?:(?:{PART})[\s_-]+)?{LETTERED}(?:[\s_,-]+{SIZE})*[\s_-]+(?!{SIZE}){NAME_BEHIND}",
    rf"{NAME}(?:[\s_-]+[zl]\d+)?[\s_,@(-]*{LETTERED}.*",  # perhaps its focus or level before it
    rf"(?:{PART})(?:[\s_-]*\d+)+[\s_-]+{NAME_BEHIND}",  # tile_0_64_S1
    # S1_tile12, S1_patch_0_64, S1_tile_1_of_9
    rf"{NAME}(?:[\s_-]+(?:{PART})[=_-]?(?:\d+(?:(?:[_,x-]|_of_)\d+)*)?)+",
    NAME + r"[\s_@-]+-?\d+\s*[x,;]\s*-?\d+",  # S1_0x64, S1_0,64
    NAME_WITH_NUMBER + r"[_-]\d+(?:(?:_\d+){3}|(?:-\d+){3})",  # S1_0_64_64_64
    NAME_WITH_NUMBER + r"(?P<sep>[ _-]+)-?\d+(?P=sep)-?\d+",  # S1_0_64
    NAME_WITH_NUMBER + r"_\d+-\d+",  # S1_0-64, but not S19-12345_02
)
"""Names of tiles and other parts of a slide; one after the other, their ends are left out."""

FILE_ENDS = re.compile(
    r"\.(?:ome|svs|ndpi|mrxs|scn|bif|czi|vsi|tiff?|png|jpe?g|bmp)(?![a-z0-9])", re.IGNORECASE
)

TREATED = (
    r"aug(?:mented)?\d*|copy\d*|[hv]?flip(?:ped)?|h&?e|image|img|labell?ed|macenko|mask|"
    r"norm(?:ali[sz]ed)?|orig(?:inal)?|reinhard|rgb|rot(?:ated)?\d*|vahadane|\d+x"
)
"""How an image was stained, magnified or changed: of the same slide."""

ENDS = re.compile(rf"{NAME}(?:[\s_-]+(?:{TREATED})|[\s_-]*[\[(]\d+[\])])+", re.IGNORECASE)
"""S1_HE, S1_20x, and S1 (2), as Windows numbers copies."""


def case_of(image: Path, folder: Path, by_name: Callable[[str], str]) -> str:
    """The case of an image: a TCGA patient, else its sub-folder, else what its name says.

    Args:
        image: The image.
        folder: Where the data set's images lie. A folder that names a split, and `images`, are
            no case.
        by_name: `case_before_frame_number` or `case_before_separator`.
    """
    below = image.relative_to(folder)
    patient = patient_of(below.as_posix())
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
    match = re.fullmatch(r"(.+?)[-_ ]+\d+", slide)
    if not match or (slide != _plain(stem) and not re.search(r"\d", match[1])):
        return slide
    return match[1]


def case_before_separator(stem: str) -> str:
    """`P07` of `P07_block2_003`: all before the first `-` or `_`, else the stem."""
    slide = slide_of(stem)
    return re.split("[-_]", slide, maxsplit=1)[0].strip() or slide


def slide_of(stem: str) -> str:
    """The name of its slide in that of a tile or another part; any other name as it is."""
    slide = _plain(stem)
    for pattern in TILES:
        match = re.fullmatch(pattern, slide, re.IGNORECASE)
        if match:
            slide = _plain(match["slide"])
    return slide


def patient_of(name: str) -> str | None:
    """The patient of a slide that is named as TCGA names them; None for any other name."""
    match = TCGA.search(name)
    return f"TCGA-{match[1]}-{match[2]}".upper() if match else None


def _plain(stem: str) -> str:
    """A name without the ends of file names in it, and without how the image was treated."""
    stem = FILE_ENDS.sub("", stem) or stem
    match = ENDS.fullmatch(stem)
    return match["slide"] if match else stem
