"""Areas in which all is labelled, in every layout that knows of them."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shapely
import tifffile

from mitokeras.data.fields import UNLABELLED, DataSet
from mitokeras.data.loading import load_field
from mitokeras.data.readers import read_dataset, read_labels
from mitokeras.data.readers.labels import area_of
from mitokeras.data.store import Store, write_store
from mitokeras.errors import DataError
from tests.data.readers.conftest import Write
from tests.data.readers.test_asap import annotation, asap
from tests.data.readers.test_imagescope import imagescope, layer, region
from tests.data.readers.test_qupath import feature, write_features

LEFT = [(0, 0), (20, 0), (20, 30), (0, 30)]
"""Of the picture of 40 x 30 px."""


def closed(corners: list[tuple[float, float]]) -> list[list[list[float]]]:
    return [[list(each) for each in (*corners, corners[0])]]


@pytest.mark.parametrize(
    ("name", "meaning"),
    [
        *((name, "labelled") for name in ("Region*", "region 1", "ROI", "ROI2", "Annotated area")),
        *((name, "labelled") for name in ("Labelled ROI", "region_of_interest")),
        *((name, "ignored") for name in ("Ignore*", "ignored region", "Exclude")),
        *((name, None) for name in ("", "Tumor", "Tumor region", "Area 3", "Stroma", "Other")),
        *((name, None) for name in ("Hotspot", "Counted region", "Mitosis", "non-region")),
    ],
)
def test_names_of_areas(name: str, meaning: str | None) -> None:
    assert area_of(name) == meaning


def in_qupath(folder: Path) -> None:
    write_features(
        folder / "a.geojson",
        feature("Polygon", closed(LEFT), "Region*"),
        feature("MultiPoint", [[6.5, 7.5], [30.5, 7.5]], "Mitosis"),
    )


def in_asap(folder: Path) -> None:
    text = asap(
        annotation("Rectangle", "ROI", *LEFT),
        annotation("PointSet", "Mitosis", (6.5, 7.5), (30.5, 7.5)),
    )
    (folder / "a.xml").write_text(text)


def in_imagescope(folder: Path) -> None:
    text = imagescope(
        layer("ROI", region(0, *LEFT)),
        layer("Mitosis", region(1, (5.5, 6.5), (7.5, 8.5)), region(1, (29.5, 6.5), (31.5, 8.5))),
    )
    (folder / "a.xml").write_text(text)


@pytest.mark.parametrize("layout", [in_qupath, in_asap, in_imagescope])
def test_all_in_an_area_is_labelled(tmp_path: Path, write: Write, layout: Any) -> None:
    write("a.png")
    layout(tmp_path)
    dataset = read_dataset(tmp_path)
    (field,) = dataset.fields
    assert field.complete and field.labelled is not None
    assert field.labelled.equals(shapely.box(-0.5, -0.5, 19.5, 29.5))
    assert [(m.x, m.y) for m in field.figures] == [(6, 7), (30, 7)]
    assert any("and 1 mitotic figures there are learned from" in note for note in dataset.notes)


def mask_of(dataset: DataSet, folder: Path) -> np.ndarray:
    path = folder / "store.h5"
    write_store(dataset.fields, path, 0.25, None)
    with Store(path) as store:
        store.check_source(dataset.fields)
        (field,) = store.fields
        _, mask = field.pixels()
        assert field.is_labelled(np.array([[19.0, 5.0], [21.0, 5.0]])).tolist() == [True, False]
        return mask


def test_what_lies_outside_is_no_background(tmp_path: Path, write: Write) -> None:
    write("a.png")
    write_features(
        tmp_path / "a.geojson",
        feature("Polygon", closed(LEFT), "Region"),
        feature("Polygon", closed([(0, 20), (10, 20), (10, 30), (0, 30)]), "Ignore*"),
        feature("Point", [6.5, 7.5], "Mitosis"),
    )
    (tmp_path / "dataset.json").write_text('{"spacing_um_px": 0.25}')
    mask = mask_of(read_dataset(tmp_path), tmp_path)
    expected = np.zeros((30, 40), bool)
    expected[:, :20] = True
    expected[20:, :10] = False
    # 10 um, 40 px, about a figure all is known: the whole of this picture but what is far from it.
    rows, columns = np.ogrid[:30, :40]
    expected |= (columns - 6) ** 2 + (rows - 7) ** 2 <= 40**2
    assert np.array_equal(mask != UNLABELLED, expected)
    assert mask[7, 6] == 1


def test_an_area_that_is_ignored_is_left_out_of_a_labelled_image(
    tmp_path: Path, write: Write
) -> None:
    write("a.png")
    write_features(
        tmp_path / "a.geojson",
        feature("Polygon", closed(LEFT), "Ignore*"),
        feature("Point", [30.5, 7.5], "Mitosis"),
    )
    (field,) = read_dataset(tmp_path).fields
    assert field.complete and field.labelled is not None
    inside = shapely.intersects_xy(field.labelled, np.array([[19.0, 3], [20.0, 3], [39, 29]]))
    assert inside.tolist() == [False, True, True]


def test_areas_that_are_refused(tmp_path: Path, write: Write) -> None:
    write("a.png")
    bow_tie = closed([(0, 0), (20, 20), (20, 0), (0, 20)])
    write_features(tmp_path / "a.geojson", feature("Polygon", bow_tie, "Region"))
    with pytest.raises(DataError, match=r"a\.geojson, feature 1: an outline must not cross"):
        read_dataset(tmp_path)
    beyond = closed([(50, 0), (60, 0), (60, 9)])
    write_features(tmp_path / "a.geojson", feature("Polygon", beyond, "Region"))
    with pytest.raises(DataError, match=r"a\.png: an area that is labelled whole must lie"):
        load_field(read_dataset(tmp_path).fields[0])


WITH_MITO = "mitosis suspicious"


@pytest.mark.parametrize("layout", ["points", "midog", "qupath", "asap", "imagescope"])
def test_an_unknown_name_with_mito_is_asked_about(
    tmp_path: Path, write: Write, layout: str
) -> None:
    write("images/a.png")
    box = {"bbox": [1, 1, 9, 9], "category_id": 1, "image_id": 1, "id": 1, "area": 64}
    coco = {
        "images": [{"id": 1, "file_name": "a.png", "width": 40, "height": 30}],
        "categories": [{"id": 1, "name": WITH_MITO}],
        "annotations": [box],
    }
    texts = {
        "points": ("labels.csv", f"image,x,y,label\na.png,5,5,{WITH_MITO}\n"),
        "midog": ("labels.json", json.dumps(coco)),
        "qupath": ("a.geojson", json.dumps(feature("Point", [5.5, 5.5], WITH_MITO))),
        "asap": ("a.xml", asap(annotation("Dot", WITH_MITO, (3.5, 4.5)))),
        "imagescope": ("a.xml", imagescope(layer(WITH_MITO, region(0, (2, 2), (4, 2), (4, 4))))),
    }
    name, text = texts[layout]
    path = write(name, text)
    with pytest.raises(DataError) as error:
        read_labels(tmp_path)
    said = str(error.value)
    assert said.startswith(str(path)) and f"Received: '{WITH_MITO}'" in said
    assert "a label must say whether it is a mitosis" in said and "\n" not in said


def test_an_export_of_a_project_with_its_slides_beside_it(tmp_path: Path, write: Write) -> None:
    write("slides/a.png")
    export = tmp_path / "export"
    export.mkdir()
    in_qupath(export)
    dataset = read_dataset(export)
    assert dataset.fields[0].image == tmp_path / "slides" / "a.png"
    assert f"1 images are not in the folder, but in {tmp_path / 'slides'}" in dataset.notes
    shutil.move(tmp_path / "slides", tmp_path / "far" / "slides")
    (missing,) = read_labels(export).missing
    assert missing.image.name == "a.png"
    (export / "dataset.json").write_text('{"slides": "../far"}')
    assert read_dataset(export).fields[0].image.name == "a.png"
    (export / "dataset.json").unlink()
    shutil.move(tmp_path / "far" / "slides", tmp_path / "slides")
    write("export/b.png")  # one of its own: what lies beside it may be of other data sets
    write_features(export / "b.geojson")
    assert [field.image.name for field in read_dataset(export).fields] == ["b.png"]


def test_the_border_of_a_large_image_may_be_ignored(tmp_path: Path) -> None:
    """What lies beyond such a frame is no area of the image, and not refused as one beside it."""
    pixels = np.full((30, 5000, 3), 180, np.uint8)
    tifffile.imwrite(tmp_path / "a.tif", pixels, photometric="rgb", tile=(256, 256))
    outer, inner = closed([(-9, -9), (5009, -9), (5009, 39), (-9, 39)]), closed(LEFT)
    write_features(
        tmp_path / "a.geojson",
        feature("Polygon", [*outer, *inner], "Ignore*"),
        feature("Point", [6.5, 7.5], "Mitosis"),
    )
    (field,) = read_dataset(tmp_path, spacing_um_px=0.25).fields
    assert field.labelled is not None
    assert field.labelled.equals(shapely.box(-0.5, -0.5, 19.5, 29.5))
