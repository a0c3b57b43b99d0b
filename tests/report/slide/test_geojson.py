import json
import math
import uuid
from typing import Any

import numpy as np
import pytest
import shapely
from shapely.geometry import shape

from mitokeras.data.readers.labels import subtype_of
from mitokeras.report.slide.geojson import TEN_FIELDS, geojson
from tests.predictions import EVIL, MEASURED, OVERRIDE, detection, prediction, slide

FOUND = (detection(), detection(x=300, y=200, score=0.2), detection(x=500, y=400, score=0.7))


def features_of(content: bytes) -> dict[str, list[dict[str, Any]]]:
    """The features by their class."""
    features: dict[str, list[dict[str, Any]]] = {}
    for feature in json.loads(content)["features"]:
        features.setdefault(feature["properties"]["classification"]["name"], []).append(feature)
    return features


def test_a_candidate_is_a_detection_with_outline_and_scores() -> None:
    figure, _, points = features_of(geojson(prediction(FOUND, slide())))["Mitotic figure"]
    # Pixel centres lie at half numbers in QuPath; the ring is closed and counter-clockwise.
    corners = shape(figure["geometry"]).exterior.coords
    assert set(corners) == {(100.5, 64.5), (116.5, 80.5), (100.5, 96.5), (84.5, 80.5)}
    assert corners[0] == corners[-1] and len(corners) == 5
    properties = figure["properties"]
    assert properties["objectType"] == "detection"
    assert properties["name"] == "Candidate 1"
    assert properties["measurements"] == {
        "Segmenter score": 0.75,
        "Classifier score": 0.9,
        "Area µm^2": 32.0,
    }
    # QuPath takes a class as an object only where it has a colour.
    assert all(0 <= level <= 255 for level in properties["classification"]["color"])
    assert points["geometry"] == {
        "type": "MultiPoint",
        "coordinates": [[100.5, 80.5], [500.5, 400.5]],
    }
    assert points["properties"]["objectType"] == "annotation"


def test_rejected_candidates_are_kept_in_a_class_of_their_own() -> None:
    outline, points = features_of(geojson(prediction(FOUND, slide())))["Rejected candidate"]
    assert outline["properties"]["measurements"]["Classifier score"] == 0.2
    assert points["geometry"]["coordinates"] == [[300.5, 200.5]]


def test_all_polygons_are_valid_closed_and_right_handed() -> None:
    clockwise = detection().model_copy(update={"outline": detection().outline[::-1]})
    content = geojson(prediction((*FOUND, clockwise), slide()))
    shapes = [shape(f["geometry"]) for f in json.loads(content)["features"]]
    polygons = [s for s in shapes if s.geom_type == "Polygon"]
    assert len(polygons) == 4 + 2
    for polygon in polygons:
        assert shapely.is_valid(polygon)
        assert polygon.exterior.is_ccw


def test_the_circles_have_their_area_place_and_count() -> None:
    # One figure: the circles are centred on it. 100.5 px * 0.25 um.
    told = prediction((detection(),), slide())
    features = features_of(geojson(told))
    for name, area_mm2 in (("Hotspot", 2.0), ("Ten high-power fields", 10 * np.pi * 0.275**2)):
        (circle,) = features[name]
        radius_px = math.sqrt(area_mm2 / math.pi) * 1000 / 0.25
        box = shape(circle["geometry"]).bounds
        expected = (100.5 - radius_px, 80.5 - radius_px, 100.5 + radius_px, 80.5 + radius_px)
        assert box == pytest.approx(expected, abs=0.02)
        assert circle["geometry"]["isEllipse"] is True
        assert circle["properties"]["measurements"]["Mitotic figures"] == 1
        assert circle["properties"]["isLocked"] is True
    assert features["Hotspot"][0]["properties"]["name"] == "Hotspot, 2 mm2, mitotic figures: 1"


def test_ids_are_uuids_of_their_own_and_the_same_each_time() -> None:
    told = prediction(FOUND, slide())
    assert geojson(told) == geojson(told)
    ids = [feature["id"] for feature in json.loads(geojson(told))["features"]]
    assert len({uuid.UUID(value) for value in ids}) == len(ids) == 7
    other = json.loads(geojson(prediction(FOUND, slide(), name="other.svs")))["features"]
    assert not set(ids) & {feature["id"] for feature in other}


def test_image_model_and_override_are_recorded() -> None:
    told = prediction(FOUND, slide(), name=EVIL, source=OVERRIDE)
    content = geojson(told)
    about = json.loads(content.decode("ascii"))["mitokeras"]
    assert about["image"]["name"] == EVIL
    assert about["spacing_overridden"] is True
    assert about["model"]["classifier_threshold"] == 0.5
    assert about["count"]["figures"] == 2
    plain = json.loads(geojson(prediction(FOUND, slide())))["mitokeras"]
    assert plain["spacing_overridden"] is False


def test_nothing_found_gives_an_empty_collection() -> None:
    collection = json.loads(geojson(prediction((), slide())))
    assert collection["type"] == "FeatureCollection"
    assert collection["features"] == []


def test_coordinates_count_from_the_scanned_area_as_in_qupath() -> None:
    on = slide()
    whole = json.loads(geojson(prediction(FOUND, on)))["features"]
    on.scan_corner = 40, 30
    shifted = json.loads(geojson(prediction(FOUND, on)))
    assert shifted["mitokeras"]["image"]["scan_corner_px"] == [40, 30]
    assert len(whole) == len(shifted["features"])
    for before, after in zip(whole, shifted["features"], strict=True):
        moved = shapely.transform(shape(before["geometry"]), lambda xy: xy - (40, 30))
        assert shapely.equals_exact(shape(after["geometry"]), moved, 0.011)


def test_the_circles_are_round_in_micrometres() -> None:
    far = detection(x=39_999.5, y=39_999.5)
    (circle,) = features_of(geojson(prediction((far,), slide(spacing_um_px=(0.25, 0.252)))))[
        "Hotspot"
    ]
    radius_um = math.sqrt(2.0 / math.pi) * 1000
    left, top, right, bottom = shape(circle["geometry"]).bounds
    assert ((left + right) / 2, (top + bottom) / 2) == pytest.approx((40_000, 40_000), abs=0.02)
    assert (right - left, bottom - top) == pytest.approx(
        (2 * radius_um / 0.25, 2 * radius_um / 0.252), abs=0.03
    )


def test_a_circle_larger_than_the_tissue_says_so() -> None:
    features = features_of(geojson(prediction((detection(),), slide(), tissue_mm2=0.09)))
    name = features["Hotspot"][0]["properties"]["name"]
    assert name == "Hotspot, 2 mm2 (the tissue is smaller), mitotic figures: 1"


ATYPICAL = (
    detection(atypical_score=0.75),
    detection(x=300, y=200, atypical_score=0.25),
    detection(x=500, y=400, score=0.1),
)


def test_atypical_figures_have_a_measurement_and_no_class_unless_asked_for() -> None:
    told = prediction(ATYPICAL, slide(), subtyping=MEASURED)
    features = features_of(geojson(told))
    assert set(features) == {"Mitotic figure", "Rejected candidate", "Hotspot", TEN_FIELDS}
    first, second, points = features["Mitotic figure"]
    scores = [each["properties"]["measurements"].get("Atypical score") for each in (first, second)]
    assert scores == [0.75, 0.25]
    assert len(points["geometry"]["coordinates"]) == 2
    rejected = features["Rejected candidate"][0]["properties"]["measurements"]
    assert "Atypical score" not in rejected
    about = json.loads(geojson(told))["mitokeras"]
    assert (about["atypical"]["figures"], about["atypical"]["of"]) == (1, 2)
    assert about["model"]["subtyping"]["sensitivity"] == 0.75


def test_a_class_of_their_own_that_our_reader_knows() -> None:
    told = prediction(ATYPICAL, slide(), subtyping=MEASURED)
    features = features_of(geojson(told, atypical_class=True))
    outline, points = features["Atypical mitotic figure"]
    assert outline["properties"]["name"] == "Candidate 1"
    assert points["geometry"]["coordinates"] == [[100.5, 80.5]]
    normal, others = features["Mitotic figure"]
    assert normal["properties"]["name"] == "Candidate 2"
    assert others["geometry"]["coordinates"] == [[300.5, 200.5]]
    colours = {tuple(each["properties"]["classification"]["color"]) for each in (outline, normal)}
    assert len(colours) == 2
    assert subtype_of("Atypical mitotic figure", "", "here") == "atypical"
    # An object is the same whatever its class, so that an import replaces it.
    plain = {each["id"] for each in json.loads(geojson(told))["features"]}
    assert {outline["id"], normal["id"]} <= plain


def test_without_a_stage_3_nothing_of_it_is_written() -> None:
    told = prediction(FOUND, slide())
    assert geojson(told) == geojson(told, atypical_class=True)
    assert b"typical" not in geojson(told) and b"subtyp" not in geojson(told)
