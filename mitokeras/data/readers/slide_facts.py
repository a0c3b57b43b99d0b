"""What is known of the slide or large image of a label file before its pixels are read."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from mitokeras.data.fields import ASSUMED_SPACING_UM_PX
from mitokeras.errors import DataError
from mitokeras.slides.opening import SLIDE_SUFFIXES, open_slide
from mitokeras.slides.samples import LARGEST_IMAGE_PX

TIFF_SUFFIXES = (".tif", ".tiff")
"""Of files that are opened without decoding all of them, as are `SLIDE_SUFFIXES`."""


@dataclass(frozen=True)
class SlideFacts:
    """What the header says.

    Attributes:
        width_px: Width of level 0.
        height_px: Height of level 0.
        scan_corner: Where the scanned area begins on level 0, (x, y).
        is_slide: Whether it is a whole slide: in a scanner's format, or larger than any image.
        um_px: Size of a pixel of a slide by its metadata, which `predict` believes; None where they
            state none, and of an image, of which the data set says it.
    """

    width_px: int
    height_px: int
    scan_corner: tuple[int, int]
    is_slide: bool
    um_px: float | None


def facts_of(path: Path) -> SlideFacts | None:
    """The facts of a slide or TIFF; None of other images, and of those that are not there.

    Raises:
        DataError: A slide is damaged. Of a damaged TIFF, decoding it will tell.
    """
    has_suffix = path.suffix.lower() in SLIDE_SUFFIXES
    if not (has_suffix or path.suffix.lower() in TIFF_SUFFIXES) or not path.is_file():
        return None
    try:
        slide = open_slide(path, ASSUMED_SPACING_UM_PX)
    except DataError:
        if has_suffix:
            raise
        return None
    with closing(slide):
        is_slide = has_suffix or slide.width * slide.height > LARGEST_IMAGE_PX
        stated = slide.stated if is_slide else None
        return SlideFacts(
            width_px=slide.width,
            height_px=slide.height,
            scan_corner=slide.scan_corner,
            is_slide=is_slide,
            um_px=None if stated is None else (stated.x_um + stated.y_um) / 2,
        )
