"""Regions of interest for OMERO."""

from __future__ import annotations

import json

import pytest

from mitokeras.annotations.annotations import annotations_of
from mitokeras.annotations.omero import omero_json
from tests.annotations.drawn import RADIUS_PX, plain
from tests.predictions import EVIL, prediction, slide

SCHEMA = "http://www.openmicroscopy.org/Schemas/OME/2016-06#"


def test_a_point_a_figure_half_a_pixel_from_its_corner() -> None:
    record = json.loads(omero_json(annotations_of(plain())))
    assert record["mitokeras"]["image"]["name"] == EVIL
    assert record["mitokeras"]["warnings"][0].startswith("the tissue (1.00 mm2) is smaller")
    figure, rejected = record["data"][:2]
    assert figure == {
        "@type": f"{SCHEMA}ROI",
        "Name": "Mitotic figure",
        "Description": "candidate 1, score 0.900000",
        "shapes": [
            {
                "@type": f"{SCHEMA}Point",
                "X": 10.5,
                "Y": 20.5,
                "Text": "Mitotic figure",
                # "#F0E442FF" as a signed number of 32 bits: 0xF0E442FF - 2 ** 32
                "StrokeColor": -253476097,
                "StrokeWidth": {
                    "@type": "TBD#LengthI", "Unit": "PIXEL", "Symbol": "pixel", "Value": 1.0,
                },
            }
        ],
    }  # fmt: skip
    assert (rejected["shapes"][0]["X"], rejected["shapes"][0]["Y"]) == (30.75, 40.625)


def test_the_circles_are_ellipses_with_the_warnings() -> None:
    hotspot = json.loads(omero_json(annotations_of(plain())))["data"][2]
    assert hotspot["Description"].startswith("2 mm2, mitotic figures: 1; Research software")
    assert "Warning: the tissue (1.00 mm2)" in hotspot["Description"]
    (shape,) = hotspot["shapes"]
    assert shape["@type"] == f"{SCHEMA}Ellipse"
    assert (shape["X"], shape["Y"]) == (10.5, 20.5)
    assert (shape["RadiusX"], shape["RadiusY"]) == pytest.approx(RADIUS_PX, abs=1e-4)


def test_nothing_found_is_an_empty_list() -> None:
    assert json.loads(omero_json(annotations_of(prediction((), slide()))))["data"] == []
