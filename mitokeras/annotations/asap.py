"""Annotations for ASAP: a dot a figure, a polygon an area, a group a class.

Source: https://github.com/computationalpathologygroup/ASAP, annotation/XmlRepository.cpp.
"""

from __future__ import annotations

from collections.abc import Iterable
from xml.etree.ElementTree import Element, SubElement

from mitokeras.annotations.annotations import Annotations
from mitokeras.annotations.xml_text import pixels, xml_text
from mitokeras.text import printable


def asap_xml(drawn: Annotations) -> bytes:
    """Write the figures, named by candidate and score, and the areas.

    ASAP keeps the attributes of groups: where all comes from, and the warnings, stand there.
    """
    root = Element("ASAP_Annotations")
    annotations = SubElement(root, "Annotations")
    colours: dict[str, str] = {}
    for layer in drawn.layers:
        colours[layer.kind] = layer.colour
        figures = zip(layer.places.tolist(), layer.candidates, layer.scores, strict=True)
        for place, candidate, score in figures:
            name = "Added" if candidate is None else f"Candidate {candidate}, score {score:.4f}"
            _annotation(annotations, name, "Dot", layer.kind, layer.colour, [place])
    for area in drawn.areas:
        colours[area.kind] = area.colour
        name = f"{area.kind}, {area.text}" if area.text else area.kind
        corners = area.corners.tolist()
        _annotation(annotations, name, "Polygon", area.kind, area.colour, corners)
    groups = SubElement(root, "AnnotationGroups")
    about = {"image": printable(drawn.image.name), "description": drawn.description}
    for kind, colour in colours.items():
        group = SubElement(groups, "Group", Name=kind, PartOfGroup="None", Color=colour)
        SubElement(SubElement(group, "Attributes"), "Attribute", about)
    return xml_text(root)


def _annotation(
    parent: Element, name: str, kind: str, group: str, colour: str, places: Iterable[list[float]]
) -> None:
    element = SubElement(
        parent, "Annotation", Name=name, Type=kind, PartOfGroup=group, Color=colour
    )
    coordinates = SubElement(element, "Coordinates")
    for order, (x, y) in enumerate(places):
        SubElement(coordinates, "Coordinate", Order=str(order), X=pixels(x), Y=pixels(y))
