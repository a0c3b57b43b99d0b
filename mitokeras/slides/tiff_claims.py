"""What the pages and the OME-XML of a TIFF claim, looked at before anything is built by it."""

from __future__ import annotations

import math
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import tifffile

from mitokeras.errors import DataError
from mitokeras.slides.ome_xml import parsed

LARGEST_PAGES = 1000
"""Pages and SubIFDs. A slide has tens, a stack of focal planes some hundreds; each takes time."""

LARGEST_PLANES = 2**24
"""Planes of all images of an OME-TIFF, for each of which tifffile keeps a place in memory."""

_AXES = "XYZCT"


def known_pages(path: Path, tiff: tifffile.TiffFile) -> list[tifffile.TiffPage]:
    """The pages of a TIFF, without SubIFDs.

    Raises:
        DataError: They have no end, or are more than any slide's.
    """
    pages: list[tifffile.TiffPage] = []
    seen: set[int] = set()
    number = 0
    for page in tiff.pages:
        if page.offset in seen:
            raise DataError(f"{path}: cannot be opened: its list of pages runs in a circle")
        seen.add(page.offset)
        if isinstance(page, tifffile.TiffPage):
            number += 1 + len(page.subifds or ())
            pages.append(page)
        if number > LARGEST_PAGES:
            raise DataError(
                f"{path}: a TIFF must have at most {LARGEST_PAGES} pages. Received: more"
            )
    return pages


def check_planes(path: Path, tiff: tifffile.TiffFile) -> None:
    """Refuse an OME-TIFF whose metadata claim planes by the million.

    Raises:
        DataError: See above, or as `known_pages`.
        ValueError: The metadata are damaged.
    """
    sizes = [math.prod(page.shape) for page in known_pages(path, tiff)]
    if not tiff.is_ome:
        return
    root = parsed(tiff.ome_metadata)
    planes = sum(_planes(each, sizes) for each in root.iter() if each.tag.endswith("Pixels"))
    if planes > LARGEST_PLANES:
        raise DataError(
            f"{path}: its OME-XML must not claim more planes than the file has pages. Received: "
            f"{planes} planes, {len(sizes)} pages"
        )
    if any(each.get("Namespace", "").endswith("modulo") for each in root.iter()):
        raise DataError(f"{path}: an image must be one plane in colour. Received: modulo axes")


def _planes(pixels: ElementTree.Element, sizes: list[int]) -> int:
    """For how many planes of an image tifffile would make room, at most."""
    if sorted(pixels.attrib["DimensionOrder"]) != sorted(_AXES):
        raise ValueError("the dimensions of its OME-XML are damaged")
    size = {axis: int(pixels.attrib[f"Size{axis}"]) for axis in _AXES}
    if min(size.values()) < 1:
        raise ValueError("the sizes in its OME-XML are damaged")
    smallest = max(1, min(sizes))
    counts = [
        int(each.get(name, 0))
        for each in pixels
        if each.tag.endswith("TiffData")
        for name in ("PlaneCount", "NumPlanes")
    ]
    return max(size["Z"] * size["C"] * size["T"], math.prod(size.values()) // smallest, *counts, 1)
