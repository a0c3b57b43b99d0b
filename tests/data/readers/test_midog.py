import json
import math
from pathlib import Path
from typing import Any

import pytest

from mitokeras.data.inspect import inspect_dataset
from mitokeras.data.readers import read_dataset, read_labels
from mitokeras.errors import DataError
from tests.data.readers.conftest import Write

CATEGORIES = [{"id": 1, "name": "mitotic figure"}, {"id": 2, "name": "not mitotic figure"}]


def coco(boxes: list[tuple[int, int, list[float]]], **info: Any) -> dict[str, Any]:
    """Two images of 40 x 30 px; boxes as (image id, category id, box)."""
    return {
        "info": info,
        "images": [
            {"id": i, "file_name": f"{i:03}.tiff", "width": 40, "height": 30} for i in (1, 350)
        ],
        "categories": CATEGORIES,
        "annotations": [
            {"image_id": image, "category_id": category, "bbox": box}
            for image, category, box in boxes
        ],
    }


def annotation(box: list[float]) -> dict[str, Any]:
    return {"image_id": 1, "category_id": 1, "bbox": box}


def test_constant_boxes_become_points(tmp_path: Path, write: Write) -> None:
    image = write("images/001.tiff")
    boxes = [(1, 1, [10, 5, 20, 15]), (1, 2, [0, 0, 10, 10])]
    (tmp_path / "MIDOG.json").write_text(json.dumps(coco(boxes)))
    dataset = read_dataset(tmp_path)
    assert dataset.layout == "midog"
    (field,) = dataset.fields
    assert (field.image, field.case, field.spacing_um_px) == (image, "001", 0.25)
    assert [(m.x, m.y, m.size_px) for m in field.figures] == [(15, 10, None)]
    assert [(m.x, m.y) for m in field.lookalikes] == [(5, 5)]
    assert any("spacing assumed 0.25" in note for note in dataset.notes)


def test_boxes_of_different_sizes_stay_boxes(tmp_path: Path, write: Write) -> None:
    write("001.tiff")
    boxes = [(1, 1, [10, 5, 20, 15]), (1, 1, [0, 0, 16, 12])]
    (tmp_path / "MIDOG.json").write_text(json.dumps(coco(boxes)))
    (field,) = read_dataset(tmp_path).fields
    assert [mark.size_px for mark in field.figures] == [(10, 10), (16, 12)]


def test_spacing_by_the_scanner_of_midogpp(tmp_path: Path, write: Write) -> None:
    write("001.tiff")
    write("350.tiff")
    content = coco([(1, 1, [0, 0, 9, 9]), (350, 1, [0, 0, 9, 9])], description="MIDOG++: all")
    content["images"][0] |= {"id": 120, "file_name": "001.tiff"}
    content["annotations"][0]["image_id"] = 120
    (tmp_path / "MIDOG++.json").write_text(json.dumps(content))
    fields = read_dataset(tmp_path).fields
    assert [field.spacing_um_px for field in fields] == [0.25, 0.23]  # Aperio CS2, Hamamatsu XR
    assert {field.spacing_um_px for field in read_dataset(tmp_path, None, 0.5).fields} == {0.5}


def test_an_image_without_annotations_is_not_read(tmp_path: Path, write: Write) -> None:
    write("001.tiff")
    write("350.tiff")
    (tmp_path / "MIDOG.json").write_text(json.dumps(coco([(1, 1, [0, 0, 9, 9])])))
    dataset = read_dataset(tmp_path)
    assert [field.case for field in dataset.fields] == ["001"]
    assert "1 of 2 images have no labels and are not read: 350" in dataset.notes


def own(tmp_path: Path, content: dict[str, Any]) -> None:
    """Of a file that is no part of MIDOG."""
    (tmp_path / "labels.json").write_text(json.dumps(content))


def test_in_other_files_an_image_without_annotations_holds_no_mitosis(
    tmp_path: Path, write: Write
) -> None:
    for name in ("001", "350", "other"):
        write(f"images/{name}.tiff")
    own(tmp_path, coco([(1, 1, [10, 5, 30, 25])]))  # as a size it reaches (40, 30), the corner
    dataset = read_dataset(tmp_path)
    assert [len(field.figures) for field in dataset.fields] == [1, 0]
    assert "1 of 2 images have no annotation, and so no mitotic figures" in dataset.notes
    assert "1 of 3 images have no labels and are not read: other" in dataset.notes
    assert "labels: 1 mitotic figure (mitotic figures)" in dataset.notes
    assert "1 boxes read as [x1, y1, x2, y2]" in dataset.notes


def test_a_box_of_coco_has_a_size(tmp_path: Path, write: Write) -> None:
    write("images/001.tiff")
    content = coco([(1, 1, [10, 5, 20, 15])])
    content["annotations"][0] |= {"area": 300}
    own(tmp_path, content)
    (field,) = read_dataset(tmp_path).fields
    # columns 10 to 29 and rows 5 to 19
    assert [(m.x, m.y, m.size_px) for m in field.figures] == [(19.5, 12, None)]


def test_subfolders_text_ids_and_separators_of_windows(tmp_path: Path, write: Write) -> None:
    names = ("P1/1", "P1/2", "P2/1")
    for name in names:
        write(f"images/{name}.png")
    content = coco([])
    content["images"] = [{"id": name, "file_name": f"{name}.png"} for name in names]
    content["images"][1]["file_name"] = "images\\P1\\2.png"
    content["categories"] = [{"id": "7", "name": "mitosis"}, {"id": 8, "name": "tumor nucleus"}]
    content["annotations"] = [
        {"image_id": "P1/2", "category_id": 7, "bbox": [1, 2, 5, 5], "iscrowd": 0},
        {"image_id": "P2/1", "category_id": "8", "bbox": [1, 2, 5, 5], "iscrowd": 0},
    ]
    own(tmp_path, content)
    fields = read_dataset(tmp_path).fields
    assert [field.case for field in fields] == ["P1", "P1", "P2"]
    assert [(len(field.figures), len(field.nuclei)) for field in fields] == [(0, 0), (1, 0), (0, 1)]


def test_dataset_json_may_state_what_a_box_is(tmp_path: Path, write: Write) -> None:
    write("images/001.tiff")
    own(tmp_path, coco([(1, 1, [5, 5, 10, 15]), (1, 1, [2, 2, 9, 20])]))
    with pytest.raises(DataError, match=r"labels\.json: bbox must be .*, and show which"):
        read_dataset(tmp_path)
    write("dataset.json", '{"bbox": "xywh"}')
    (field,) = read_dataset(tmp_path).fields
    assert [(m.x, m.y) for m in field.figures] == [(9.5, 12), (6, 11.5)]


def test_a_centre_beyond_the_border_is_moved_onto_it(tmp_path: Path, write: Write) -> None:
    write("001.tiff")
    boxes = [(1, 1, [-6, 10, 4, 20]), (1, 1, [20, 26, 30, 36]), (1, 1, [90, 90, 100, 100])]
    (tmp_path / "MIDOG.json").write_text(json.dumps(coco(boxes)))
    dataset = read_dataset(tmp_path)
    (field,) = dataset.fields
    # The third box does not touch the image: no rounding explains it, and loading refuses it.
    assert [(m.x, m.y) for m in field.figures] == [(0, 15), (25, 29), (95, 95)]
    assert any(note.startswith("2 boxes have their centre beyond") for note in dataset.notes)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"annotations": [annotation([9, 9, 5, 5])]}, "bbox must"),
        ({"annotations": [annotation([1, 2, 3])]}, "bbox must"),
        ({"annotations": [{"image_id": 1, "category_id": 1}]}, "each of annotations needs"),
        ({"annotations": [{"image_id": 9, "category_id": 1, "bbox": [0, 0, 5, 5]}]}, "no image"),
        ({"images": [{"id": 1, "file_name": 7}]}, "each of images needs id, file_name"),
        ({"images": [{"id": 1, "file_name": "a"}, {"id": 1, "file_name": "b"}]}, "its own id"),
        ({"categories": None}, "a list of categories"),
        ({"categories": [{"id": 1, "name": "a"}, {"id": "1", "name": "b"}]}, "its own id"),
        ({"categories": [{"id": 1, "name": "mitosis?"}]}, "a label must say whether"),
        ({"annotations": [annotation([0, 0, 5, 5]) | {"iscrowd": 1}]}, "iscrowd must be 0"),
        ({"annotations": [annotation([0, 0, 5, math.nan])]}, "bbox must"),
        ({"annotations": [annotation([-math.inf, 0, math.inf, 5])]}, "bbox must"),
        ({"annotations": [annotation([0, 0, 10**400, 5])]}, "bbox must"),
    ],
)
def test_a_malformed_file_is_named(tmp_path: Path, change: dict[str, Any], message: str) -> None:
    (tmp_path / "MIDOG.json").write_text(json.dumps(coco([(1, 1, [0, 0, 5, 5])]) | change))
    with pytest.raises(DataError, match=rf"MIDOG\.json.*{message}"):
        read_dataset(tmp_path)


def test_odd_values_beside_the_labels_do_no_harm(tmp_path: Path, write: Write) -> None:
    write("images/001.tiff")
    content = coco([(1, 1, [10, 5, 20, 15])])
    content["images"][0] |= {"width": "40", "height": 10**400}
    (tmp_path / "MIDOG.json").write_text(json.dumps(content | {"info": ["MIDOG++"]}))
    (field,) = read_dataset(tmp_path).fields
    assert [(m.x, m.y) for m in field.figures] == [(15, 10)]


@pytest.mark.parametrize("name", ["../out.tiff", "/out.tiff"])
def test_an_image_outside_the_folder_is_refused(tmp_path: Path, write: Write, name: str) -> None:
    outside = write("out.tiff")
    name = str(outside) if name == "/out.tiff" else name
    content = coco([(1, 1, [10, 5, 20, 15])])
    content["images"][0]["file_name"] = name
    (tmp_path / "set").mkdir()
    (tmp_path / "set" / "MIDOG.json").write_text(json.dumps(content))
    with pytest.raises(DataError, match="an image must lie in the data set's folder"):
        read_labels(tmp_path / "set")


@pytest.mark.parametrize("name", ["images/001.tiff", "./001.tiff", "images//001.tiff"])
def test_an_image_that_is_listed_twice_is_refused(tmp_path: Path, write: Write, name: str) -> None:
    write("images/001.tiff")
    content = coco([(1, 1, [10, 5, 30, 25])])
    content["images"][0]["file_name"], content["images"][1]["file_name"] = "001.tiff", name
    own(tmp_path, content)
    with pytest.raises(DataError, match=r"images/001\.tiff: an image must be listed once"):
        read_dataset(tmp_path)


def test_a_name_of_two_images_is_refused(tmp_path: Path, write: Write) -> None:
    write("images/001.tiff")
    write("001.tiff")
    own(tmp_path, coco([(1, 1, [10, 5, 30, 25])]))
    with pytest.raises(DataError, match=r"labels\.json: an image's name must be that of one file"):
        read_dataset(tmp_path)


def test_labels_of_another_size_are_refused(tmp_path: Path, write: Write) -> None:
    write("images/001.tiff")
    content = coco([(1, 1, [10, 5, 20, 15])])
    content["images"][0] |= {"width": 20, "height": 15}
    own(tmp_path, content)
    [problem] = inspect_dataset(read_dataset(tmp_path))["problems"]
    assert problem.endswith(
        "001.tiff: its labels are of an image of 20 x 15 px. Received: 40 x 30 px"
    )


@pytest.mark.parametrize("box", [[0.4, 0.5, 0.1, 0.1], [0.2, 0.7, 0.9, 0.95]])
def test_fractions_of_images_are_no_pixels(tmp_path: Path, box: list[float]) -> None:
    own(tmp_path, coco([(1, 1, box)]))
    with pytest.raises(DataError, match=r"labels\.json: labels must be in pixels\. Received: frac"):
        read_labels(tmp_path)


def test_cases_by_names_are_counted(tmp_path: Path, write: Write) -> None:
    write("images/001.tiff")
    own(tmp_path, coco([(1, 1, [10, 5, 30, 25])]))
    assert "2 cases taken from sub-folders and file names" in read_dataset(tmp_path).notes


def test_json_that_is_not_coco_like(tmp_path: Path) -> None:
    (tmp_path / "labels.json").write_text('{"boxes": []}')
    with pytest.raises(DataError, match=r"needs one file that is .*Received: labels\.json"):
        read_dataset(tmp_path, layout="midog")


def test_broken_json_is_named(tmp_path: Path) -> None:
    (tmp_path / "MIDOG.json").write_text('{"images": [')
    with pytest.raises(DataError, match=r"MIDOG\.json: must be a JSON file"):
        read_dataset(tmp_path)


def test_two_label_files_are_refused(tmp_path: Path) -> None:
    for name in ("a.json", "b.json"):
        (tmp_path / name).write_text(json.dumps(coco([(1, 1, [0, 0, 5, 5])])))
    with pytest.raises(DataError, match=r"needs one file that is .*Received: a\.json, b\.json"):
        read_dataset(tmp_path)


def test_real_labels(shared_data: Path) -> None:
    dataset = read_labels(shared_data / "midogpp")
    assert dataset.layout == "midog"
    assert (len(dataset.fields), len(dataset.missing)) == (0, 503)
    assert sum(len(field.figures) for field in dataset.missing) == 11937
    assert sum(len(field.lookalikes) for field in dataset.missing) == 14349
    spacings = [field.spacing_um_px for field in dataset.missing]
    assert spacings.count(0.23) == 100 + 55 + 49  # breast, neuroendocrine, melanoma
    assert any(note.startswith("2 boxes have their centre beyond") for note in dataset.notes)
    with pytest.raises(DataError, match="none of the 503 labelled images is there"):
        read_dataset(shared_data / "midogpp")
