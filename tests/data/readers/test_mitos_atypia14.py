from pathlib import Path

import pytest

from mitokeras.data.readers import mitos_atypia14, read_dataset, read_labels
from mitokeras.errors import DataError
from tests.data.readers.conftest import Write


def test_reads_points_lookalikes_and_scanners(tmp_path: Path, write: Write) -> None:
    write("Training Aperio/A03/frames/x40/A03_00Aa.tiff")
    write("Training Aperio/A03/frames/x20/A03_00A.tiff")
    write("Training Aperio/A03/mitosis/A03_00Aa_mitosis.csv", "7,9,1.0\n12,3,0.8\n")
    write("Training Aperio/A03/mitosis/A03_00Aa_not_mitosis.csv", "20,21,0.2\n")
    write("Training Hamamatsu/H03/frames/x40/H03_00Aa.tiff")
    write("Training Hamamatsu/H03/mitosis/H03_00Aa_mitosis.csv", "")

    dataset = read_dataset(tmp_path)

    assert dataset.layout == "mitos_atypia14"
    aperio, hamamatsu = dataset.fields
    assert [(mark.x, mark.y) for mark in aperio.figures] == [(7, 9), (12, 3)]
    assert [(m.x, m.y, m.label) for m in aperio.lookalikes] == [(20, 21, "not_mitosis")]
    assert (aperio.case, aperio.spacing_um_px, aperio.split) == ("03", 0.2455, "train")
    assert (hamamatsu.case, hamamatsu.spacing_um_px) == ("03", 0.2274)
    assert (hamamatsu.figures, hamamatsu.lookalikes) == ((), ())


def test_both_scanners_show_the_same_area() -> None:
    spacing = mitos_atypia14.SPACING_UM_PX
    assert 1539 * spacing["A"] == pytest.approx(1663 * spacing["H"], rel=0.002)
    assert 1376 * spacing["A"] == pytest.approx(1485 * spacing["H"], rel=0.002)


def test_frames_without_labels_and_labels_without_frames(tmp_path: Path, write: Write) -> None:
    write("A05/frames/x40/A05_00Aa.tiff")
    write("A05/mitosis/A05_00Ab_mitosis.csv", "1,1,1.0\n")
    dataset = read_labels(tmp_path)
    assert dataset.fields == ()
    assert dataset.missing[0].image == tmp_path / "A05/frames/x40/A05_00Ab.tiff"
    assert "1 of 1 labelled frames have no image: A05_00Ab" in dataset.notes
    assert "1 of 1 images have no labels and are not read: A05_00Aa" in dataset.notes


def test_a_second_image_of_a_frame_is_refused(tmp_path: Path, write: Write) -> None:
    write("A05/frames/x40/A05_00Aa.tif")
    write("A05/frames/x40/A05_00Aa.tiff")
    with pytest.raises(DataError, match=r"A05_00Aa\.tiff: a frame may have only one image"):
        read_dataset(tmp_path)


@pytest.mark.parametrize("end", ["mitosis", "not_mitosis"])
def test_two_lists_of_a_frame_are_refused(tmp_path: Path, write: Write, end: str) -> None:
    write("A05/frames/x40/A05_00Aa.tif")
    write("A05/mitosis/A05_00Aa_mitosis.csv", "1,2,0.9\n")
    write(f"A05/mitosis/A05_00Aa_{end}.csv", "1,2,0.9\n")
    write(f"A05/mitosis_old/A05_00Aa_{end}.csv", "")
    with pytest.raises(DataError, match=r"A05_00Aa_\w+\.csv: a frame may have only one such file"):
        read_dataset(tmp_path)


def test_lookalikes_may_lie_in_a_folder_of_their_own(tmp_path: Path, write: Write) -> None:
    write("A05/frames/x40/A05_00Aa.tif")
    write("A05/mitosis/A05_00Aa_mitosis.csv", "1,2,0.9\n")
    write("A05/not_mitosis/A05_00Aa_not_mitosis.csv", "7,9,0.3\n")
    (field,) = read_dataset(tmp_path).fields
    assert [(mark.x, mark.y) for mark in field.lookalikes] == [(7, 9)]


@pytest.mark.parametrize(
    ("row", "message"),
    [("1,two,1.0", "line 1: a cell must be a number. Received: 'two'"), ("1", "Received: 1 cells")],
)
def test_bad_rows_name_file_and_line(tmp_path: Path, write: Write, row: str, message: str) -> None:
    write("A05/frames/x40/A05_00Aa.tiff")
    write("A05/mitosis/A05_00Aa_mitosis.csv", row)
    with pytest.raises(DataError, match=rf"A05_00Aa_mitosis\.csv.*{message}"):
        read_dataset(tmp_path)


def test_a_table_outside_of_a_slide_is_passed_over(
    tmp_path: Path, write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    write("A03/frames/x40/A03_00Aa.png")
    write("A03/mitosis/A03_00Aa_mitosis.csv", "1,2,0.9\n")
    write("other_mitosis.csv", "1,2,0.9\n")
    monkeypatch.chdir(tmp_path)
    dataset = read_dataset(Path())
    assert [field.image.name for field in dataset.fields] == ["A03_00Aa.png"]
    assert not dataset.missing
