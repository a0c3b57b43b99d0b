"""The XML of an OME-TIFF."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator


def parsed(text: str | None) -> ElementTree.Element:
    """Its root.

    Raises:
        ValueError: The text is not XML.
    """
    try:
        return ElementTree.fromstring(text or "")
    except ElementTree.ParseError as error:
        raise ValueError(f"its OME-XML is damaged: {error}") from error


def pixels_of(root: ElementTree.Element, width: int, height: int) -> Iterator[ElementTree.Element]:
    """What it says of the images of a size."""
    size = str(width), str(height)
    for each in root.iter():
        if each.tag.endswith("Pixels") and (each.get("SizeX"), each.get("SizeY")) == size:
            yield each
