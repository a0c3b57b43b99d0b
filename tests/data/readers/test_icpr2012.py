from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mitokeras.data.readers import icpr2012, read_dataset, read_labels
from mitokeras.errors import DataError
from tests.data.readers.conftest import Write

coordinates = st.integers(min_value=0, max_value=2083)
pixel_lists = st.lists(
    st.lists(st.tuples(coordinates, coordinates), min_size=1, max_size=20), max_size=5
)


def test_reads_pixels_case_spacing_and_split(tmp_path: Path, write: Write) -> None:
    write("training/A03_01.bmp")
    write("training/A03_01.csv", "1,2,3,2,1,4,3,4\n10,10,11,10,12,10\n")
    write("evaluation/H03_02.tif")
    write("labels/evaluation/H03_02.csv", "5,6,7,6,\n")

    dataset = read_dataset(tmp_path)

    assert dataset.layout == "icpr2012"
    second, first = dataset.fields  # evaluation/ sorts before training/
    assert (first.case, first.spacing_um_px, first.split) == ("03", 0.2456, "train")
    assert (second.case, second.spacing_um_px, second.split) == ("03", 0.2274, "test")
    assert [(mark.x, mark.y) for mark in first.figures] == [(2, 3), (11, 10)]
    assert first.figures[0].pixels is not None
    assert first.figures[0].pixels.tolist() == [[1, 2], [3, 2], [1, 4], [3, 4]]
    assert [(mark.x, mark.y) for mark in second.figures] == [(6, 6)]
    assert any("more than one split" in note for note in dataset.notes)


@pytest.mark.parametrize(("letter", "side_px"), [("A", 2084), ("H", 2251), ("M", 2767)])
def test_every_scanner_shows_a_field_of_512_um(letter: str, side_px: int) -> None:
    assert icpr2012.SPACING_UM_PX[letter] * side_px == pytest.approx(512, abs=0.5)


def test_empty_csv_says_that_there_is_no_mitosis(tmp_path: Path, write: Write) -> None:
    write("A00_01.bmp")
    write("A00_01.csv", "\n")
    (field,) = read_dataset(tmp_path).fields
    assert field.figures == ()


def test_image_without_csv_is_not_read_but_noted(tmp_path: Path, write: Write) -> None:
    write("A00_01.bmp")
    write("A00_02.bmp")
    write("A00_01.csv", "1,2,3,4\n")
    dataset = read_dataset(tmp_path)
    assert [field.image.name for field in dataset.fields] == ["A00_01.bmp"]
    assert "1 of 2 images have no labels and are not read: A00_02" in dataset.notes


def test_bmp_goes_before_the_painted_jpeg_of_the_frame(tmp_path: Path, write: Write) -> None:
    for name in ("A00_01.bmp", "A00_01.jpg", "A00_02.jpg"):
        write(name)
    write("A00_01.csv", "1,2,3,4\n")
    write("A00_02.csv", "1,2,3,4\n")
    dataset = read_dataset(tmp_path)
    assert [field.image.name for field in dataset.fields] == ["A00_01.bmp", "A00_02.jpg"]
    assert any("1 frames are JPEG" in note and "A00_02" in note for note in dataset.notes)
    assert any("1 JPEG frames are left out" in note for note in dataset.notes)


def test_other_names_get_an_assumed_spacing(tmp_path: Path, write: Write) -> None:
    write("mine_7-01.png")
    write("mine_7-01.csv", "1,2,3,4,5,6\n")
    dataset = read_dataset(tmp_path)
    assert dataset.layout == "icpr2012"
    assert (dataset.fields[0].case, dataset.fields[0].spacing_um_px) == ("mine_7", 0.25)
    assert any("spacing assumed 0.25" in note for note in dataset.notes)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("1,2,3\n", r"A00_01\.csv, line 1: needs x,y.*even number of values\. Received: 3"),
        ("1,2\n\n1,2,3,x\n", r"A00_01\.csv, line 3: .*whole numbers.*'x'"),
        ("1.5,2\n", r"A00_01\.csv, line 1: .*whole numbers.*'1\.5'"),
        (f"1{'0' * 400},2,3,4", "line 1: pixel coordinates must be below 2147483648"),
    ],
)
def test_bad_rows_name_file_and_line(tmp_path: Path, write: Write, text: str, message: str) -> None:
    path = write("A00_01.csv", text)
    with pytest.raises(DataError, match=message):
        icpr2012.read_pixel_lists(path)


def test_a_frame_with_two_images_or_two_csv_files_is_refused(tmp_path: Path, write: Write) -> None:
    write("A00_01.csv", "1,2,3,4\n")
    write("A00_01.bmp")
    write("other/A00_01.tif")
    with pytest.raises(DataError, match=r"A00_01\.tif: a file name may occur only once"):
        read_dataset(tmp_path)
    (tmp_path / "other" / "A00_01.tif").unlink()
    write("other/A00_01.csv", "1,2,3,4\n")
    with pytest.raises(DataError, match=r"A00_01\.csv: a file name may occur only once"):
        read_dataset(tmp_path)


@given(mitoses=pixel_lists)
def test_pixel_lists_survive_writing_and_reading(
    tmp_path_factory: pytest.TempPathFactory, mitoses: list[list[tuple[int, int]]]
) -> None:
    path = tmp_path_factory.mktemp("pixels") / "A00_01.csv"
    lines = (",".join(f"{x},{y}" for x, y in mitosis) for mitosis in mitoses)
    path.write_text("\n".join(lines))
    read = icpr2012.read_pixel_lists(path)
    assert [[tuple(pixel) for pixel in mitosis] for mitosis in read] == mitoses


def test_real_labels(shared_data: Path) -> None:
    dataset = read_labels(shared_data / "icpr2012_format")
    assert dataset.layout == "icpr2012"
    everything = dataset.fields + dataset.missing
    assert (len(dataset.fields), len(everything)) == (2, 35)
    assert sum(len(field.figures) for field in everything) == 226
    assert {field.case for field in everything} == {"00", "01", "02", "03", "04"}
    assert any(note.startswith("33 of 35 labelled frames have no image") for note in dataset.notes)
    pixels = [mark.pixels for field in everything for mark in field.figures]
    assert all(p is not None and np.ptp(p, axis=0).max() < 150 for p in pixels)
