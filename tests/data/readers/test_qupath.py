import json
import math
import shutil
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from mitokeras.counting.kept import read_kept
from mitokeras.data.readers import read_dataset
from mitokeras.errors import DataError
from mitokeras.report.slide.geojson import geojson
from tests.data.readers.conftest import Write
from tests.predictions import detection, prediction, slide
from tests.runs import call

Feature = dict[str, Any]

SQUARE = [[[20, 10], [24, 10], [24, 14], [20, 14], [20, 10]]]
"""Columns 20 to 23 and rows 10 to 13."""

WHOLE = [[[0, 0], [400, 0], [400, 300], [0, 300], [0, 0]]]


def feature(kind: str, coordinates: Any, name: str | None, **properties: Any) -> Feature:
    about = {"objectType": "annotation"} | properties
    if name is not None:
        about["classification"] = {"name": name, "color": [1, 2, 3]}
    return {
        "type": "Feature",
        "id": "x",
        "geometry": {"type": kind, "coordinates": coordinates},
        "properties": about,
    }


def write_features(path: Path, *features: Feature) -> None:
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}))


def test_points_and_areas_less_half_a_pixel(tmp_path: Path, write: Write) -> None:
    image = write("images/P1_1.png")
    write_features(
        tmp_path / "images/P1_1.geojson",
        feature("Point", [3.5, 4.5], "Mitosis"),
        feature("MultiPoint", [[6.5, 7.5], [9, 9]], "Non-mitosis"),
        feature("Polygon", SQUARE, "atypical mitosis"),
        feature("MultiPolygon", [SQUARE], "tumor nucleus"),
    )
    dataset = read_dataset(tmp_path)
    assert dataset.layout == "qupath"
    (field,) = dataset.fields
    assert (field.image, field.case) == (image, "P1")
    assert [(m.x, m.y, m.size_px, m.subtype) for m in field.figures] == [
        (3, 4, None, ""),
        (21.5, 11.5, (4, 4), "atypical"),
    ]
    assert [(m.x, m.y) for m in field.lookalikes] == [(6, 7), (8.5, 8.5)]
    assert field.nuclei == ()  # it is the figure's


def test_areas_and_detections_are_counted(tmp_path: Path, write: Write) -> None:
    write("a.png")
    write_features(
        tmp_path / "a.png.geojson",
        feature("Polygon", WHOLE, None),
        feature("Polygon", WHOLE, "Region 1"),
        feature("Polygon", SQUARE, "Positive", objectType="cell"),
        feature("Polygon", SQUARE, "Mitotic figure", objectType="detection"),
        feature("MultiPoint", [[6.5, 7.5]], "Mitotic figure"),
    )
    dataset = read_dataset(tmp_path)
    assert [(m.x, m.y) for m in dataset.fields[0].figures] == [(6, 7)]
    assert any("1 annotations over 50 um are left out (1 without" in n for n in dataset.notes)
    assert any("1 areas in 1 of 1 images are labelled whole" in note for note in dataset.notes)
    assert "2 detections are left out: only annotations are labels" in dataset.notes
    assert "labels: 1 Mitotic figure (mitotic figures)" in dataset.notes


def test_an_image_without_file_is_not_read_and_an_empty_file_says_none(
    tmp_path: Path, write: Write
) -> None:
    write("images/a.png")
    write("images/b.png")
    (tmp_path / "labels").mkdir()
    write_features(tmp_path / "labels/a.geojson")
    dataset = read_dataset(tmp_path)
    assert [(field.image.name, field.figures) for field in dataset.fields] == [("a.png", ())]
    assert "1 of 2 images have no labels and are not read: b" in dataset.notes


def test_cases_by_names_are_counted(tmp_path: Path, write: Write) -> None:
    write("a.png")
    write_features(tmp_path / "a.geojson")
    assert "1 cases taken from sub-folders and file names" in read_dataset(tmp_path).notes


def test_fractions_of_images_are_no_pixels(tmp_path: Path, write: Write) -> None:
    for name in "ab":
        write(f"{name}.png")
    write_features(tmp_path / "a.geojson", feature("Point", [0.5, 0.5], "Mitosis"))
    write_features(tmp_path / "b.geojson", feature("Point", [0.25, 1], "Mitosis"))
    with pytest.raises(DataError, match=r"labels must be in pixels\. Received: fractions"):
        read_dataset(tmp_path)
    write_features(tmp_path / "b.geojson", feature("Point", [0.25, 1.5], "Mitosis"))
    assert len(read_dataset(tmp_path).fields) == 2


def test_an_outline_that_touches_itself_has_one_area(tmp_path: Path, write: Write) -> None:
    """Two squares of 4 px that share a corner, drawn in one go."""
    write("a.png")
    ring = [[4, 4], [8, 4], [8, 8], [12, 8], [12, 12], [8, 12], [8, 8], [4, 8], [4, 4]]
    write_features(tmp_path / "a.geojson", feature("Polygon", [ring], "Mitosis"))
    (field,) = read_dataset(tmp_path).fields
    assert [(m.x, m.y, m.size_px) for m in field.figures] == [(7.5, 7.5, (8, 8))]


@pytest.mark.parametrize(
    ("kind", "is_label"),
    [
        ("PathAnnotationObject", True),
        ("PathDetectionObject", False),
        ("PathCellObject", False),
        ("PathTileObject", False),
        ("PathRootObject", False),
        ("TMACoreObject", False),
        ("0f4e8f0c-33c5-4a3e-9f1e-2f5b5c8f9a10", True),
    ],
)
def test_only_annotations_of_older_files_are_labels(
    tmp_path: Path, write: Write, kind: str, is_label: bool
) -> None:
    write("a.png")
    one = feature("Polygon", SQUARE, "Tumor") | {"id": kind}
    del one["properties"]["objectType"]
    write_features(tmp_path / "a.geojson", one)
    dataset = read_dataset(tmp_path)
    assert len(dataset.fields[0].lookalikes) == is_label
    assert any(note.startswith("1 detections are left out") for note in dataset.notes) != is_label


def test_a_kind_may_be_in_upper_case(tmp_path: Path, write: Write) -> None:
    write("a.png")
    upper = feature("Point", [3.5, 4.5], "Mitosis", objectType="Annotation")
    write_features(tmp_path / "a.geojson", upper, feature("Point", [9, 9], "Mitosis"))
    assert len(read_dataset(tmp_path).fields[0].figures) == 2


def test_labels_of_several_planes_are_refused(tmp_path: Path, write: Write) -> None:
    write("a.png")
    deep, first = (feature("Point", [at, 4.5], "Mitosis") for at in (3.5, 9))
    deep["geometry"]["plane"] = {"c": -1, "z": 3, "t": 0}
    write_features(tmp_path / "a.geojson", deep)
    assert len(read_dataset(tmp_path).fields[0].figures) == 1
    write_features(tmp_path / "a.geojson", deep, first)
    message = r"a\.geojson: all labels must be of one plane\. Received: z 0, t 0, z 3, t 0"
    with pytest.raises(DataError, match=message):
        read_dataset(tmp_path)


@pytest.mark.parametrize("wrap", [lambda one: one, lambda one: [one]])
def test_older_files(tmp_path: Path, write: Write, wrap: Any) -> None:
    write("a.png")
    old = feature("Point", [3.5, 4.5], None)
    old |= {"id": "PathAnnotationObject", "properties": {"classification": {"name": "Mitosis"}}}
    (tmp_path / "a.geojson").write_text(json.dumps(wrap(old)))
    (field,) = read_dataset(tmp_path).fields
    assert [(m.x, m.y) for m in field.figures] == [(3, 4)]


@pytest.mark.parametrize(
    ("features", "message"),
    [
        ([feature("Point", [1, 1], None)], "feature 1: an annotation needs a class"),
        ([feature("Point", [1, 1], "Mitosis?")], "feature 1: a label must say whether"),
        ([feature("Polygon", WHOLE, "Mitosis")], "must be at most 50 um wide. Received: 100 um"),
        ([feature("LineString", [[1, 1], [9, 9]], "Mitosis")], "must be points or an area"),
        ([feature("Point", ["a", 1], "Mitosis")], "feature 1: needs a geometry"),
        ([feature("Point", [], "Mitosis")], "coordinates must be numbers"),
        ([feature("Point", [1e300, 1], "Mitosis")], "coordinates must be numbers"),
        ([feature("MultiPoint", [[1, 1], [2, math.nan]], "Mitosis")], "coordinates must be"),
        ([feature("Circle", [1, 1], "Mitosis")], "feature 1: needs a geometry"),
        ([{"type": "Feature", "geometry": None, "properties": None}], "needs a geometry"),
        ([{"type": "Feature", "properties": [1]}], "properties must be an object"),
        (
            [feature("Point", [1, 1], None, classification={"name": 4})],
            "a class must have a name. Received: 4",
        ),
        # loops that turn about: their areas cancel, and the centroid lies beyond them
        (
            [feature("Polygon", [[[9, 9], [13, 13], [13, 9], [9, 14], [9, 9]]], "Mitosis")],
            "feature 1: an outline must not cross itself. Received: Self-intersection",
        ),
        ([feature("Polygon", [[[9, 9], [13, 13], [9, 9], [9, 9]]], "Mitosis")], "must not cross"),
        ([{"type": "Figure"}], "must be GeoJSON, a collection of features"),
        (
            [feature("Polygon", SQUARE, "Mitosis", objectType="cell")],
            "labels must be annotations.* Received: detections only",
        ),
    ],
)
def test_what_is_refused(
    tmp_path: Path, write: Write, features: list[Feature], message: str
) -> None:
    write("a.png")
    write_features(tmp_path / "a.geojson", *features)
    with pytest.raises(DataError, match=rf"a\.geojson.*{message}"):
        read_dataset(tmp_path)


def test_json_that_is_none(tmp_path: Path, write: Write) -> None:
    write("a.png")
    write("a.geojson", "{")
    with pytest.raises(DataError, match=r"a\.geojson: must be a JSON file"):
        read_dataset(tmp_path)


def test_what_predict_writes_can_be_read_after_its_correction(tmp_path: Path, write: Write) -> None:
    write("a.png")
    found = prediction((detection(10, 12), detection(20, 25, score=0.1)), slide())
    (tmp_path / "a.geojson").write_bytes(geojson(found))
    dataset = read_dataset(tmp_path)
    (field,) = dataset.fields
    assert [(m.x, m.y) for m in field.figures] == [(10, 12)]
    assert [(m.x, m.y) for m in field.lookalikes] == [(20, 25)]
    assert "2 detections are left out: only annotations are labels" in dataset.notes


def test_labels_through_predict_and_back(
    tmp_path: Path, write: Write, tissue: np.ndarray, tflite_bundle: Path
) -> None:
    """What the command finds on a labelled field is read as labels at the very same places."""
    labelled = tmp_path / "labelled"
    labelled.mkdir()
    cv2.imwrite(str(labelled / "P1.png"), tissue[..., ::-1])
    write_features(labelled / "P1.geojson", feature("MultiPoint", [[100.5, 80.5]], "Mitosis"))
    (labelled / "dataset.json").write_text('{"spacing_um_px": 0.25}')
    (field,) = read_dataset(labelled).fields
    out = tmp_path / "out"
    done = call(
        "predict", field.image, "--model", tflite_bundle, "--out", out, "--spacing-um-px", 0.25
    )
    assert done.exit_code == 0, done.output
    out /= field.image.name
    found = read_kept(out).prediction.detections
    shutil.copy(out / "detections.geojson", labelled / "P1.geojson")
    again = read_dataset(labelled)
    (field,) = again.fields
    for marks, accepted in ((field.figures, True), (field.lookalikes, False)):
        places = [(one.x, one.y) for one in found if one.accepted is accepted]
        np.testing.assert_allclose([(m.x, m.y) for m in marks], places, rtol=0, atol=0.01)
    assert len(field.figures) + len(field.lookalikes) == len(found) > 3
    assert field.labelled is None  # hotspot and ten fields say nothing of what is labelled
    said = call("data", "inspect", labelled)
    assert said.exit_code == 0 and f"{len(found)} detections are left out" in said.output
