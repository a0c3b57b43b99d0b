"""Annotations of ASAP: one XML file an image, of the same name.

Source: https://github.com/computationalpathologygroup/ASAP, annotation/XmlRepository.cpp.
"""

from __future__ import annotations

from pathlib import Path
from xml.etree.ElementTree import Element

from shapely.geometry import MultiPoint, Polygon
from shapely.geometry.base import BaseGeometry

from mitokeras.data.fields import DataSet
from mitokeras.data.readers.drawing import Drawing
from mitokeras.data.readers.drawings import by_image, read_drawings
from mitokeras.data.readers.tables import number
from mitokeras.data.readers.xml_files import find_xml, read_xml
from mitokeras.errors import DataError

LOOKS_FOR = "XML files of ASAP's annotations, named after their images"

ROOT = "ASAP_Annotations"

POINTS = ("Dot", "PointSet")
AREAS = ("Polygon", "Rectangle", "Spline")
"""A spline goes through its points, whose polygon has much the same centroid."""

NO_GROUP = "None"


def recognises(root: Path) -> bool:
    """Whether an XML file of ASAP, or a broken one, lies in the folder or below."""
    return bool(find_xml(root, ROOT))


def read(root: Path, spacing_um_px: float | None) -> DataSet:
    """The images that have an XML file of their name, wherever below the folder it lies.

    An annotation's group says what it is; its name is a number that ASAP gives.
    """
    return read_drawings("asap", root, spacing_um_px, by_image(find_xml(root, ROOT)), _draw)


def _draw(path: Path, drawing: Drawing) -> None:
    annotations = read_xml(path).find("Annotations")
    if annotations is None:
        raise DataError(f"{path}: must hold Annotations, as ASAP writes them. Received none")
    for index, element in enumerate(annotations, start=1):
        where = f"{path}, annotation {index}"
        group = element.get("PartOfGroup", NO_GROUP)
        label = "" if group == NO_GROUP else group
        drawing.add(_geometry(element, where), label, where)


def _geometry(element: Element, where: str) -> BaseGeometry:
    kind = element.get("Type")
    corners = sorted(
        tuple(number(one.get(name, ""), where, name) for name in ("Order", "X", "Y"))
        for one in element.iter("Coordinate")
    )
    places = [(x, y) for _, x, y in corners]
    if kind in POINTS:
        return MultiPoint(places)
    if kind in AREAS and len(places) > 2:
        return Polygon(places)
    raise DataError(
        f"{where}: Type must be {', '.join(POINTS)}, or {' or '.join(AREAS)} of three corners and "
        f"more. Received: {kind} of {len(places)}"
    )
