"""XML for ASAP."""

from __future__ import annotations

from xml.etree import ElementTree

import numpy as np

from mitokeras.annotations.annotations import annotations_of
from mitokeras.annotations.asap import asap_xml
from tests.annotations.drawn import plain
from tests.predictions import EVIL, prediction, slide


def test_a_dot_a_figure_half_a_pixel_from_its_corner() -> None:
    root = ElementTree.fromstring(asap_xml(annotations_of(plain())))
    dots = root.findall("Annotations/Annotation[@Type='Dot']")
    assert [each.attrib for each in dots] == [
        {
            "Name": "Candidate 1, score 0.9000",
            "Type": "Dot",
            "PartOfGroup": "Mitotic figure",
            "Color": "#F0E442",
        },
        {
            "Name": "Candidate 2, score 0.2000",
            "Type": "Dot",
            "PartOfGroup": "Rejected candidate",
            "Color": "#8A8F98",
        },
    ]
    assert [each.attrib for each in root.iter("Coordinate")][:2] == [
        {"Order": "0", "X": "10.5000", "Y": "20.5000"},
        {"Order": "0", "X": "30.7500", "Y": "40.6250"},
    ]


def test_the_circles_are_polygons_in_their_order() -> None:
    root = ElementTree.fromstring(asap_xml(annotations_of(plain())))
    hotspot = root.find("Annotations/Annotation[@PartOfGroup='Hotspot']")
    assert hotspot is not None
    assert hotspot.get("Name") == "Hotspot, 2 mm2, mitotic figures: 1"
    corners = list(hotspot.iter("Coordinate"))
    assert [each.get("Order") for each in corners] == [str(order) for order in range(72)]
    xy = np.array([(float(each.attrib["X"]), float(each.attrib["Y"])) for each in corners])
    # 10.5 + 3191.5382 and 20.5 - 3185.1679, in pixels that are not square
    np.testing.assert_allclose(xy[0], (3202.0382, 20.5), atol=1e-4)
    np.testing.assert_allclose(xy[54], (10.5, -3164.6679), atol=1e-4)


def test_every_group_is_declared_and_says_the_warnings() -> None:
    root = ElementTree.fromstring(asap_xml(annotations_of(plain())))
    groups = {each.get("Name"): each for each in root.findall("AnnotationGroups/Group")}
    # ASAP refuses a file with a group that is not.
    assert {each.get("PartOfGroup") for each in root.iter("Annotation")} == set(groups)
    for group in groups.values():
        attribute = group.find("Attributes/Attribute")
        assert attribute is not None and attribute.get("image") == EVIL
        assert "Warning: the tissue (1.00 mm2)" in attribute.attrib["description"]


def test_nothing_found_is_a_file_without_annotations() -> None:
    root = ElementTree.fromstring(asap_xml(annotations_of(prediction((), slide()))))
    assert [len(each) for each in root] == [0, 0]


def test_a_name_that_xml_cannot_hold_is_escaped() -> None:
    found = prediction(plain().detections, slide(), name="a\x01\n.svs")
    root = ElementTree.fromstring(asap_xml(annotations_of(found)))
    attribute = root.find("AnnotationGroups/Group/Attributes/Attribute")
    assert attribute is not None and attribute.get("image") == "a\\x01\\n.svs"
