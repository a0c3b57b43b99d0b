"""Annotations for Aperio ImageScope: a layer a class, a square about each figure.

ImageScope has no points. The text of a region stays empty: in the files that people draw, it
says what the region is.
"""

from __future__ import annotations

from xml.etree.ElementTree import Element, SubElement

import numpy as np

from mitokeras.annotations.annotations import Annotations
from mitokeras.annotations.xml_text import pixels, xml_text
from mitokeras.report.colours import rgb
from mitokeras.report.slide.overlay import FIGURE_UM

OUTLINE, RECTANGLE = 0, 1
"""Types of a region."""

SQUARE = np.array([(-1, -1), (1, -1), (1, 1), (-1, 1)])


def imagescope_xml(drawn: Annotations) -> bytes:
    """Write the figures, without scores, and the areas.

    The description of a layer says where all comes from, with the warnings.
    """
    root = Element("Annotations", MicronsPerPixel=repr(drawn.image.spacing_um_px))
    half_px = FIGURE_UM / np.array(drawn.image.pixel_um)
    for layer in drawn.layers:
        regions = _layer(root, layer.kind, layer.colour, drawn.description)
        for place in layer.places:
            _region(regions, RECTANGLE, place + SQUARE * half_px)
    for area in drawn.areas:
        text = "; ".join([*[area.text] * bool(area.text), drawn.description])
        _region(_layer(root, area.kind, area.colour, text), OUTLINE, area.corners)
    return xml_text(root)


def _layer(root: Element, kind: str, colour: str, description: str) -> Element:
    """Add a layer, and give the element that takes its regions."""
    red, green, blue = rgb(colour)
    layer = SubElement(
        root,
        "Annotation",
        Id=str(len(root) + 1),
        Name=kind,
        ReadOnly="0",
        NameReadOnly="0",
        LineColorReadOnly="0",
        Incremental="0",
        Type="4",
        LineColor=str(red + (green << 8) + (blue << 16)),  # as Windows has it
        Visible="1",
        Selected="0",
        MarkupImagePath="",
        MacroName="",
    )
    attributes = SubElement(layer, "Attributes")
    SubElement(attributes, "Attribute", Name="Description", Id="0", Value=description)
    return SubElement(layer, "Regions")


def _region(regions: Element, kind: int, corners: np.ndarray) -> None:
    number = str(len(regions) + 1)
    region = SubElement(
        regions,
        "Region",
        Id=number,
        Type=str(kind),
        Zoom="1",
        Selected="0",
        ImageLocation="",
        ImageFocus="-1",
        Text="",
        NegativeROA="0",
        InputRegionId="0",
        Analyze="0",
        DisplayId=number,
    )
    SubElement(region, "Attributes")
    vertices = SubElement(region, "Vertices")
    for x, y in corners.tolist():
        SubElement(vertices, "Vertex", X=pixels(x), Y=pixels(y), Z="0")
