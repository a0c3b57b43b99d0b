"""XML for Aperio ImageScope."""

from __future__ import annotations

from xml.etree import ElementTree

from mitokeras.annotations.annotations import annotations_of
from mitokeras.annotations.imagescope import imagescope_xml
from tests.annotations.drawn import plain
from tests.predictions import prediction, slide


def test_a_square_about_each_figure() -> None:
    root = ElementTree.fromstring(imagescope_xml(annotations_of(plain())))
    assert root.tag == "Annotations" and float(root.attrib["MicronsPerPixel"]) == 0.25025
    layer = root[0]
    # Yellow, "#F0E442", as red + 256 green + 65536 blue: 240 + 256 * 228 + 65536 * 66
    assert (layer.get("Name"), layer.get("LineColor")) == ("Mitotic figure", "4383984")
    (region,) = layer.iter("Region")
    assert (region.get("Type"), region.get("NegativeROA"), region.get("Text")) == ("1", "0", "")
    # 11 um are 44 px of 0.25 um and 43.9122 px of 0.2505 um, about (10.5, 20.5).
    assert [(each.get("X"), each.get("Y")) for each in region.iter("Vertex")] == [
        ("-33.5000", "-23.4122"),
        ("54.5000", "-23.4122"),
        ("54.5000", "64.4122"),
        ("-33.5000", "64.4122"),
    ]


def test_layers_are_numbered_and_described() -> None:
    root = ElementTree.fromstring(imagescope_xml(annotations_of(plain())))
    assert [(each.get("Id"), each.get("Name")) for each in root] == [
        ("1", "Mitotic figure"),
        ("2", "Rejected candidate"),
        ("3", "Hotspot"),
        ("4", "Ten high-power fields"),
    ]
    for layer in root:
        attribute = layer.find("Attributes/Attribute[@Name='Description']")
        assert attribute is not None
        assert "Warning: the tissue (1.00 mm2)" in attribute.attrib["Value"]
    (hotspot,) = root[2].iter("Region")
    assert hotspot.get("Type") == "0" and len(list(hotspot.iter("Vertex"))) == 72


def test_nothing_found_is_a_file_without_layers() -> None:
    root = ElementTree.fromstring(imagescope_xml(annotations_of(prediction((), slide()))))
    assert list(root) == []
