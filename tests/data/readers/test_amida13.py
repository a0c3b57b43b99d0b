from pathlib import Path

import pytest

from mitokeras.data.readers import read_dataset
from mitokeras.errors import DataError
from tests.data.readers.conftest import Write


def test_first_column_is_the_row(tmp_path: Path, write: Write) -> None:
    write("mitoses_image_data_part_1/05/01.tif")
    write("mitoses_ground_truth/05/01.csv", "3,17\n")
    write("nonmitoses_ground_truth/05/01.csv", "8,30\n")
    dataset = read_dataset(tmp_path)
    assert dataset.layout == "amida13"
    (field,) = dataset.fields
    assert [(mark.x, mark.y) for mark in field.figures] == [(17, 3)]
    assert [(mark.x, mark.y) for mark in field.lookalikes] == [(30, 8)]
    assert (field.case, field.spacing_um_px, field.split) == ("05", 0.25, None)


def test_image_and_csv_may_lie_together(tmp_path: Path, write: Write) -> None:
    write("01/01.tif")
    write("01/01.csv", "1,2\n")
    write("02/01.tif")
    write("02/01.csv", "")
    fields = read_dataset(tmp_path).fields
    assert [(field.case, len(field.figures)) for field in fields] == [("01", 1), ("02", 0)]


def test_unlabelled_test_cases_are_not_taken_for_training_cases(
    tmp_path: Path, write: Write
) -> None:
    train = write("mitoses_train_image_data/01/01.tif")
    write("mitoses-test-image-data/01/01.tif")
    write("mitoses_ground_truth/01/01.csv", "1,2\n")
    dataset = read_dataset(tmp_path)
    assert [field.image for field in dataset.fields] == [train]
    assert "1 of 2 images have no labels and are not read: 01" in dataset.notes


def test_the_same_frame_twice_is_refused(tmp_path: Path, write: Write) -> None:
    write("mitoses_ground_truth/01/01.csv", "1,2\n")
    write("part_1/01/01.tif")
    write("part_2/01/01.tif")
    with pytest.raises(DataError, match=r"01\.tif: a frame of a case may occur only once"):
        read_dataset(tmp_path)
