from pathlib import Path

import pytest

from mitokeras.data.readers import read_dataset
from mitokeras.errors import DataError
from tests.data.readers.conftest import Write


def test_reads_kinds_boxes_cases_and_splits(tmp_path: Path, write: Write) -> None:
    write("images/a-1.png")
    write("images/b-1.png")
    write(
        "labels.csv",
        "image,x,y,label,box_w,box_h,case,split\n"
        "images/a-1.png,10.5,11,Mitosis,8,6,P1,train\n"
        "images/a-1.png,20,21,apoptosis,,,P1,train\n"
        "images/a-1.png,5,6,tumor_nucleus,9,9,P1,train\n"
        "images/a-1.png,5,6,non_tubule,30,30,P1,train\n"
        "b-1.png,3,4,mitotic_figure,,,P2,val\n",
    )
    dataset = read_dataset(tmp_path)
    assert dataset.layout == "points"
    a, b = dataset.fields
    assert [(m.x, m.y, m.size_px, m.label) for m in a.figures] == [(10.5, 11, (8, 6), "Mitosis")]
    assert [(m.x, m.y, m.size_px, m.label) for m in a.lookalikes] == [(20, 21, None, "apoptosis")]
    assert (a.case, a.split, b.case, b.split) == ("P1", "train", "P2", "validation")
    assert [(m.x, m.y, m.size_px) for m in b.figures] == [(3, 4, None)]
    assert dataset.notes[0] == (
        "labels: 1 Mitosis (mitotic figures), 1 apoptosis (look-alikes), "
        "1 tumor_nucleus (ordinary nuclei), 1 non_tubule (not nuclei, left out), "
        "1 mitotic_figure (mitotic figures)"
    )


def test_images_without_objects(tmp_path: Path, write: Write) -> None:
    for name in ("Case_10-01", "Case_10-02", "Case_10-03"):
        write(f"images/{name}.png")
    write(
        "labels.csv",
        "image,x,y,label,case\nimages/Case_10-01.png,1,2,mitosis,c\nimages/Case_10-02.png,,,,d\n",
    )
    dataset = read_dataset(tmp_path)
    assert [field.case for field in dataset.fields] == ["c", "d", "Case_10"]
    assert [len(field.figures) for field in dataset.fields] == [1, 0, 0]
    assert "1 of 3 images have no row in labels.csv, and so no mitotic figures" in dataset.notes
    assert any(
        note.startswith("1 of 3 images have no case in labels.csv") for note in dataset.notes
    )


def test_masks_give_the_figures_and_dataset_json_the_spacing(tmp_path: Path, write: Write) -> None:
    write("images/s_1.png")
    mask = write("masks/s_1.png")
    write("labels.csv", "image,x,y,label,case\ns_1.png,1,2,mitosis,c\ns_1.png,9,9,debris,c\n")
    write("dataset.json", '{"spacing_um_px": 0.5, "seed": 1}')
    dataset = read_dataset(tmp_path)
    (field,) = dataset.fields
    assert (field.mask, field.figures, len(field.lookalikes)) == (mask, (), 1)
    assert field.spacing_um_px == 0.5
    assert not any("assumed" in note for note in dataset.notes)


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ("b.png,1,2,mitosis,,,c", r"line 2: its image must be there, .* Received: b\.png"),
        ("a.png,1,two,mitosis,,,c", r"line 2: y must be a number\. Received: 'two'"),
        ("a.png,-1e300,2,mitosis,,,c", r"line 2: x must be below 2147483648\. Received: '-1e300'"),
        ("a.png,nan,2,mitosis,,,c", r"line 2: x must be a number\. Received: 'nan'"),
        ("a.png,1,2,mitosis,5,,c", r"line 2: box_h must be a number\. Received: ''"),
        ("a.png,1,2,mitosis,5,0,c", r"box_w and box_h must be above 0\. Received: 5.0, 0.0"),
        ("a.png,1,2,,,,c", "line 2: needs a label"),
        ("a.png,1,2,mitosis,,,c\na.png,1,2,mitosis,,,d", "line 3: all rows of an image need"),
        ("a.png,1,2,mitosis,,,c,extra", "line 2: needs 7 cells. Received: 8"),
    ],
)
def test_bad_rows_name_file_and_line(tmp_path: Path, write: Write, rows: str, message: str) -> None:
    write("images/a.png")
    write("labels.csv", f"image,x,y,label,box_w,box_h,case\n{rows}\n")
    with pytest.raises(DataError, match=rf"labels\.csv.*{message}"):
        read_dataset(tmp_path)


@pytest.mark.parametrize(
    "name", ["../out.png", "/out.png", "C:out.png", "a/../../out.png", "x" * 300]
)
def test_an_image_must_lie_in_the_folder(tmp_path: Path, write: Write, name: str) -> None:
    outside = write("out.png")
    write("set/images/a.png")
    name = str(outside) if name == "/out.png" else name
    write("set/labels.csv", f"image,x,y,label\n{name},1,2,mitosis\n")
    with pytest.raises(
        DataError, match=r"labels\.csv, line 2: .* image must (lie|be there,) in the"
    ):
        read_dataset(tmp_path / "set")


@pytest.mark.parametrize("name", ["images/real/Q1.png", "images/P1/Q1.png", "P1/Q1.png"])
def test_a_linked_image_is_one_by_all_its_paths(tmp_path: Path, write: Write, name: str) -> None:
    write("images/real/Q1.png")
    (tmp_path / "images/P1").symlink_to("real")
    write("labels.csv", f"image,x,y,label\n{name},1,2,mitosis\nP1/Q1.png,9,9,debris\n")
    (field,) = read_dataset(tmp_path).fields
    assert field.image == tmp_path / "images/P1/Q1.png"
    assert (field.case, len(field.figures), len(field.lookalikes)) == ("P1", 1, 1)


def test_a_name_of_two_images_is_refused(tmp_path: Path, write: Write) -> None:
    write("images/a.png")
    write("a.png")
    write("labels.csv", "image,x,y,label\na.png,1,2,mitosis\n")
    with pytest.raises(DataError, match=r"labels\.csv, line 2: an image's name must be that"):
        read_dataset(tmp_path)


def test_split_must_be_known(tmp_path: Path, write: Write) -> None:
    write("images/a.png")
    write("labels.csv", "image,x,y,label,split\na.png,1,2,mitosis,fold1\n")
    with pytest.raises(DataError, match=r"split must be train, validation or test.*'fold1'"):
        read_dataset(tmp_path)


def test_columns_must_be_there(tmp_path: Path, write: Write) -> None:
    write("labels.csv", "image:x:y:label\na.png:1:2:mitosis\n")
    message = r"labels\.csv: needs the columns image, x, y, label\. Received, with commas between"
    with pytest.raises(DataError, match=message):
        read_dataset(tmp_path)


@pytest.mark.parametrize("columns", ["w,h", "width,height"])
def test_a_size_beside_what_may_be_a_corner_is_refused(
    tmp_path: Path, write: Write, columns: str
) -> None:
    write("images/a.png")
    write("labels.csv", f"image,x,y,label,{columns}\na.png,1,2,mitosis,5,5\n")
    with pytest.raises(
        DataError, match=r"line 2: \(x, y\) must be the centre, and box_w and box_h"
    ):
        read_dataset(tmp_path)


def test_subfolders_are_cases(tmp_path: Path, write: Write) -> None:
    for name in ("P1/1", "P1/2", "P2/1"):
        write(f"images/{name}.png")
    write("labels.csv", "image,x,y,label\nP1/1.png,1,2,mitosis\n")
    fields = read_dataset(tmp_path).fields
    assert [field.case for field in fields] == ["P1", "P1", "P2"]


@pytest.mark.parametrize(
    ("other", "message"),
    [
        ("images/a.jpg", r"a\.png: a file name may occur only once, as in .*a\.jpg"),
        ("masks/b.png", r"a\.png: an image needs a mask of its name"),
    ],
)
def test_each_image_has_its_own_name_and_mask(
    tmp_path: Path, write: Write, other: str, message: str
) -> None:
    for name in ("images/a.png", other):
        write(name)
    write("labels.csv", "image,x,y,label\na.png,1,2,mitosis\n")
    with pytest.raises(DataError, match=message):
        read_dataset(tmp_path)


def test_real_brecahad(shared_data: Path) -> None:
    dataset = read_dataset(shared_data / "brecahad")
    assert (dataset.layout, len(dataset.fields)) == ("points", 20)
    assert sum(len(field.figures) for field in dataset.fields) == 59
    lookalikes = [mark.label for field in dataset.fields for mark in field.lookalikes]
    assert lookalikes == ["apoptosis"] * 73
    assert all(mark.size_px for field in dataset.fields for mark in field.figures)
    cases = [field.case for field in dataset.fields]
    assert (cases.count("Case_10"), cases.count("Case_12")) == (8, 12)
    assert any("2601 tumor_nucleus (ordinary nuclei)" in note for note in dataset.notes)


def test_real_atnorm_patches(shared_data: Path) -> None:
    dataset = read_dataset(shared_data / "atnorm_br")
    assert len(dataset.fields) == 746
    assert len({field.case for field in dataset.fields}) == 30
    assert all(
        [(mark.x, mark.y) for mark in field.figures] == [(64, 64)] for field in dataset.fields
    )
    subtypes = [mark.subtype for field in dataset.fields for mark in field.figures]
    assert (subtypes.count("normal"), subtypes.count("atypical")) == (618, 128)


def test_an_image_without_a_row_goes_with_its_case(tmp_path: Path, write: Write) -> None:
    """It holds no mitosis, and so no row and no split: dealt by itself it would train."""
    for name in ("P1-01", "P1-02", "P2-01", "P2-02", "P3-01"):
        write(f"images/{name}.png")
    rows = "P1-01.png,1,2,mitosis,test\nP2-01.png,1,2,mitosis,train\n"
    write("labels.csv", f"image,x,y,label,split\n{rows}")
    dataset = read_dataset(tmp_path)
    assert [field.split for field in dataset.fields] == ["test", "test", "train", "train", None]
    assert any(note.startswith("2 fields without a split take") for note in dataset.notes)
