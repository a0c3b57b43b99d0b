"""Annotations of Aperio ImageScope: one XML file an image, of the same name.

A layer (`Annotation`) has regions, each with a type in numbers and its vertices in pixels.
"""

from __future__ import annotations

import re
from pathlib import Path
from xml.etree.ElementTree import Element

from shapely.geometry import MultiPoint, Polygon, box
from shapely.geometry.base import BaseGeometry

from mitokeras.data.fields import DataSet
from mitokeras.data.readers.drawing import Drawing
from mitokeras.data.readers.drawings import by_image, read_drawings
from mitokeras.data.readers.labels import area_of, kind_of, subtype_of
from mitokeras.data.readers.spacing import is_spacing
from mitokeras.data.readers.tables import number
from mitokeras.data.readers.xml_files import find_xml, read_xml
from mitokeras.errors import DataError

LOOKS_FOR = "XML files of Aperio ImageScope's annotations, named after their images"

ROOT = "Annotations"

OUTLINE = "0"
RECTANGLE_OR_ELLIPSE = ("1", "2")
"""Their vertices are corners of the rectangle about them. 3 is an arrow, 4 a ruler."""

IGNORE = "Ignore"
"""What an area is that is negative, a hole in the others."""

NO_NAME = re.compile(r"(?:layer|region)?\s*\d*", re.IGNORECASE)
"""What ImageScope calls a layer itself."""


def recognises(root: Path) -> bool:
    """Whether an XML file of ImageScope, or a broken one, lies in the folder or below."""
    return bool(find_xml(root, ROOT))


def read(root: Path, spacing_um_px: float | None) -> DataSet:
    """The images that have an XML file of their name, wherever below the folder it lies.

    The name of a layer says what its regions are, else a region's text. `MicronsPerPixel` is the
    spacing where neither the user nor dataset.json gives one.
    """
    files = by_image(find_xml(root, ROOT))
    return read_drawings("imagescope", root, spacing_um_px, files, _draw, _spacing)


def _spacing(path: Path) -> float | None:
    stated = read_xml(path).get("MicronsPerPixel")
    if not stated:
        return None
    um_px = number(stated, str(path), "MicronsPerPixel")
    if not is_spacing(um_px):
        raise DataError(f"{path}: MicronsPerPixel must be the size of a pixel. Received: {stated}")
    return um_px


def _draw(path: Path, drawing: Drawing) -> None:
    for layer in read_xml(path):
        if layer.tag != "Annotation" or layer.find("Regions") is None:
            raise DataError(
                f"{path}: must hold layers with Regions, as ImageScope writes them. "
                f"Received: {layer.tag}"
            )
        for region in layer.iter("Region"):
            where = f"{path}, layer {layer.get('Id')}, region {region.get('Id')}"
            label = _label(layer, region, where)
            geometry = _geometry(region, where)
            if region.get("NegativeROA", "0") != "0":
                if not drawing.is_large(geometry):
                    raise DataError(
                        f"{where}: an object must not be negative. Received: NegativeROA"
                    )
                label = IGNORE
            drawing.add(geometry, label, where)


def _label(layer: Element, region: Element, where: str) -> str:
    """The name of the layer or the text of the region; of two the one that tells a subtype."""
    names = [element.get(key, "").strip() for element, key in ((layer, "Name"), (region, "Text"))]
    stated = [name for name in names if not NO_NAME.fullmatch(name)]
    if stated and all(map(area_of, stated)):
        return stated[0]
    kinds = {kind_of(name, where) for name in stated}
    subtypes = {name: subtype for name in stated if (subtype := subtype_of(name, "", where))}
    if len(kinds) > 1 or len(set(subtypes.values())) > 1:
        raise DataError(
            f"{where}: its text must say the same as its layer's name. "
            f"Received: {stated[1]} in {stated[0]}"
        )
    return next(iter([*subtypes, *stated]), "")


def _geometry(region: Element, where: str) -> BaseGeometry:
    kind = region.get("Type", OUTLINE)
    places = [
        (number(one.get("X", ""), where, "X"), number(one.get("Y", ""), where, "Y"))
        for one in region.iter("Vertex")
    ]
    if kind == OUTLINE and len(places) > 2:
        return Polygon(places)
    if kind in RECTANGLE_OR_ELLIPSE and len(places) > 1:
        return box(*MultiPoint(places).bounds)
    raise DataError(
        f"{where}: must be an outline, a rectangle or an ellipse. "
        f"Received: Type {kind} of {len(places)} vertices"
    )
