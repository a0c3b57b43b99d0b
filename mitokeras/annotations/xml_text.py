"""XML files of other programs."""

from __future__ import annotations

from xml.etree import ElementTree
from xml.etree.ElementTree import Element

MARK = b"<!-- written by mitokeras -->"
"""Gone as soon as another program has saved the file."""


def xml_text(root: Element) -> bytes:
    """Write an XML file in UTF-8."""
    ElementTree.indent(root, " ")
    head = b'<?xml version="1.0" encoding="UTF-8"?>\n' + MARK + b"\n"
    return head + ElementTree.tostring(root, encoding="utf-8") + b"\n"


def pixels(value: float) -> str:
    """A coordinate, to a ten thousandth of a pixel."""
    return f"{value:.4f}"
