import json
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
import shapely

from mitokeras.data.fields import DataSet, Field, LoadedField, Mark
from mitokeras.data.inspect import inspect_dataset, looks_painted
from mitokeras.data.inspection_text import format_inspection
from mitokeras.data.readers import read_labels

YELLOW_BGR = (0, 255, 255)


def write(path: Path, array: np.ndarray) -> Path:
    path.write_bytes(cv2.imencode(path.suffix, array)[1].tobytes())
    return path


def tissue(seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).integers(120, 220, (100, 200, 3), np.uint8)


@pytest.fixture
def dataset(tmp_path: Path) -> DataSet:
    """Two cases: one field of points, one with a mask of two figures, one without image."""
    mask = np.zeros((100, 200), np.uint8)
    mask[10:20, 10:20] = mask[50:60, 50:60] = 255
    fields = (
        Field(
            write(tmp_path / "a.png", tissue(1)),
            "A",
            0.5,
            figures=(Mark(50, 50),),
            lookalikes=(Mark(90, 90, label="apoptosis"),),
            split="train",
        ),
        Field(
            write(tmp_path / "b.png", tissue(2)),
            "B",
            0.5,
            mask=write(tmp_path / "b_mask.png", mask),
            split="test",
        ),
    )
    missing = (Field(tmp_path / "c.png", "B", 0.25, figures=(Mark(1, 1),) * 4),)
    return DataSet("points", fields, ("one note",), missing)


def test_counts(dataset: DataSet) -> None:
    report = inspect_dataset(dataset)
    assert json.loads(json.dumps(report)) == report
    assert (report["fields"], report["missing_fields"]) == (2, 1)
    assert (report["mitoses"], report["missing_mitoses"], report["lookalikes"]) == (7, 4, 1)
    assert report["cases"] == [
        {
            "case": "A",
            "fields": 1,
            "missing_fields": 0,
            "mitoses": 1,
            "lookalikes": 1,
            "splits": ["train"],
        },
        {
            "case": "B",
            "fields": 1,
            "missing_fields": 1,
            "mitoses": 6,
            "lookalikes": 0,
            "splits": ["test"],
        },
    ]
    assert [(split["split"], split["mitoses"]) for split in report["splits"]] == [
        ("none", 4),
        ("test", 2),
        ("train", 1),
    ]
    assert report["image_sizes"] == [{"width": 200, "height": 100, "fields": 2}]
    assert report["spacings_um_px"] == [0.25, 0.5]
    assert report["area_mm2"] == pytest.approx(2 * 0.1 * 0.05)
    assert (report["problems"], report["notes"]) == ([], ["one note"])


def test_quick_look_counts_no_masks(dataset: DataSet) -> None:
    report = inspect_dataset(dataset, decode=False)
    assert (report["mitoses"], report["uncounted_fields"]) == (5, 1)
    assert (report["image_sizes"], report["area_mm2"]) == ([], None)
    text = format_inspection(report)
    assert "mitoses       5, of them 4 without image; those of 1 fields not counted" in text
    assert "image sizes   not looked at" in text


def test_text(dataset: DataSet) -> None:
    lines = format_inspection(inspect_dataset(dataset)).splitlines()
    assert "mitoses       7, of them 4 without image" in lines
    assert "area          0.01 mm2" in lines
    table = lines.index("case  fields  no image  mitoses  look-alikes  split")
    assert lines[table + 1 : table + 3] == [
        "A          1         0        1            1  train",
        "B          1         1        6            0  test",
    ]
    assert lines[-2:] == ["notes:", "- one note"]


def test_long_tables_are_cut(tmp_path: Path) -> None:
    missing = tuple(Field(tmp_path / f"{n}.png", f"{n:03}", 0.25) for n in range(50))
    text = format_inspection(inspect_dataset(DataSet("points", (), (), missing)))
    assert "... and 10 more cases" in text
    assert "039" in text
    assert "040" not in text


def test_damaged_files_are_problems_not_the_end(dataset: DataSet) -> None:
    path = dataset.fields[0].image
    path.write_bytes(path.read_bytes()[:500])
    report = inspect_dataset(dataset)
    assert len(report["problems"]) == 1
    assert "a.png: cannot be decoded" in report["problems"][0]
    assert report["mitoses"] == 7
    assert "problems:\n- " in format_inspection(report)


def test_painted_frames_are_noted(tmp_path: Path) -> None:
    image = tissue()
    image[40:50, 40:50] = YELLOW_BGR
    pixels = np.array([(x, y) for x in range(40, 50) for y in range(40, 50)])
    fields = (
        Field(write(tmp_path / "a.jpg", image), "A", 0.25, (Mark(44.5, 44.5, pixels=pixels),)),
        Field(write(tmp_path / "b.jpg", tissue(1)), "A", 0.25, (Mark(44.5, 44.5, pixels=pixels),)),
    )
    (note,) = inspect_dataset(DataSet("icpr2012", fields))["notes"]
    assert note.startswith("mitoses are painted yellow in 1 of 2 frames")


def loaded(image: np.ndarray, mask: np.ndarray, figures: int) -> LoadedField:
    nothing = np.zeros((0, 2))
    return LoadedField(
        image, mask, np.zeros((figures, 2)), nothing, nothing, np.full(figures, "", "U8")
    )


def test_stained_tissue_does_not_look_painted() -> None:
    image = np.full((4, 4, 3), (230, 180, 210), np.uint8)
    mask = np.zeros((4, 4), np.uint8)
    assert not looks_painted(loaded(image, mask, 0))
    mask[1, 1:3] = 1
    assert not looks_painted(loaded(image, mask, 1))
    image[1, 1:3] = (255, 255, 0)
    assert looks_painted(loaded(image, mask, 1))


def test_copies_across_cases_are_noted(tmp_path: Path) -> None:
    same = tissue()
    fields = tuple(
        Field(write(tmp_path / f"{name}.png", same), case, 0.25)
        for name, case in (("a", "A"), ("b", "B"), ("c", "B"))
    )
    (note,) = inspect_dataset(DataSet("points", fields))["notes"]
    assert note.startswith("2 images are exact copies of others, 1 of them under another case")


def test_real_icpr2012_counts_all_labels(shared_data: Path) -> None:
    report = inspect_dataset(read_labels(shared_data / "icpr2012_format"))
    assert (report["fields"], report["missing_fields"], report["mitoses"]) == (2, 33, 226)
    assert report["area_mm2"] == pytest.approx(2 * 0.512**2, rel=0.01)
    assert any(note.startswith("mitoses are painted yellow in 2 of 2") for note in report["notes"])
    assert report["problems"] == []


def test_real_copies(shared_data: Path) -> None:
    report = inspect_dataset(read_labels(shared_data / "atnorm_br"))
    assert (report["fields"], report["mitoses"], report["problems"]) == (746, 746, [])
    assert any("exact copies" in note for note in report["notes"])


def test_real_fields_of_the_same_tissue_are_noted(shared_data: Path) -> None:
    report = inspect_dataset(read_labels(shared_data / "brecahad"))
    assert {(row["first"], row["second"]) for row in report["overlaps"]} >= {
        ("Case_10-07.jpg", "Case_10-08.jpg"),
        ("Case_12-05.jpg", "Case_12-07.jpg"),
    }
    text = format_inspection(report)
    assert "- Case_10-07.jpg and Case_10-08.jpg, of one case, share 100% of the smaller" in text
    assert "Case_12-05.jpg: the mitosis at (808, 711.5) is nothing in Case_12-07.jpg" in text


def test_masks_that_were_cut_are_counted(tmp_path: Path) -> None:
    mask = np.zeros((100, 200), np.uint8)
    mask[40:60, 40:60] = 255
    drawn = {"a": mask, "b": cv2.GaussianBlur(mask, (0, 0), 2), "c": 255 - mask}
    fields = tuple(
        Field(
            write(tmp_path / f"{name}.png", tissue(seed)),
            name,
            0.25,
            mask=write(tmp_path / f"{name}_mask.png", mask),
            lookalikes=(Mark(45, 45),),
        )
        for seed, (name, mask) in enumerate(drawn.items())
    )
    report = inspect_dataset(DataSet("folders", fields))
    assert report["mitoses"] == 2
    assert [note[:26] for note in report["notes"]] == [
        "1 masks have soft edges or",
        "2 look-alikes lie on pixel",
    ]
    assert "c_mask.png: a mask must have its figures in white on black" in report["problems"][0]


def test_how_much_is_labelled_whole_is_said(tmp_path: Path) -> None:
    write(tmp_path / "a.png", np.full((40, 100, 3), 200, np.uint8))
    whole = Field(tmp_path / "a.png", "c", 10.0)
    partly = replace(whole, labelled=shapely.box(-0.5, -0.5, 24.5, 39.5))
    for fields, labelled in (([whole], 0.4), ([whole, partly], 0.5), ([partly], 0.1)):
        report = inspect_dataset(DataSet("x", tuple(fields)))
        assert report["labelled_mm2"] == pytest.approx(labelled)
        said = f"labelled      {labelled:.2f} mm2 of it whole" in format_inspection(report)
        assert said == (fields != [whole])
    assert inspect_dataset(DataSet("x", (replace(whole, complete=False),)))["labelled_mm2"] == 0
