"""XML label files, read with errors that name the file."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ElementTree
from pathlib import Path

from mitokeras.data.readers.files import find_files
from mitokeras.data.readers.tables import decoded
from mitokeras.errors import DataError

SUFFIX = ".xml"

FIRST_TAG = re.compile(r"\s*(?:<\?[^>]*>\s*|<!--(?:(?!-->).)*-->\s*)*<(\w+)", re.DOTALL)
"""Behind instructions and comments."""


def read_xml(path: Path) -> ElementTree.Element:
    """The root element of an XML file in UTF-8, or in UTF-16 with a byte order mark.

    Raises:
        DataError: It is none, or declares entities, which may grow without end.
    """
    try:
        text = decoded(path.read_bytes())
        if "<!DOCTYPE" in text:
            raise ValueError("a DOCTYPE")
        return ElementTree.fromstring(text)
    except (OSError, ValueError, ElementTree.ParseError) as error:
        raise DataError(
            f"{path}: must be an XML file in UTF-8 without DOCTYPE. Received: {error}"
        ) from error


def find_xml(root: Path, tag: str) -> list[Path]:
    """XML files below a folder whose root element has this name, or that are broken at their
    beginning, of which reading them will then tell."""
    return [path for path in find_files(root, (SUFFIX,)) if _may_be(path, tag)]


def _may_be(path: Path, tag: str) -> bool:
    try:
        first = FIRST_TAG.match(decoded(path.read_bytes()))
    except (OSError, ValueError):
        return True
    return first is None or first[1] == tag
