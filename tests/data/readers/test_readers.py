from pathlib import Path

import pytest

from mitokeras.data.readers import LAYOUTS, read_dataset, read_labels
from mitokeras.errors import ConfigError, DataError
from tests.data.readers.conftest import Write


def test_unknown_layout_names_the_known_ones(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"points, .*midog, asap, imagescope\. Received: tupac"):
        read_dataset(tmp_path, layout="tupac")


def test_folder_of_no_known_layout(tmp_path: Path, write: Write) -> None:
    write("readme.txt", "nothing here")
    with pytest.raises(DataError, match="its layout is none of the known ones") as error:
        read_dataset(tmp_path)
    assert str(tmp_path) in str(error.value)
    assert all(layout.LOOKS_FOR in str(error.value) for layout in LAYOUTS.values())


@pytest.mark.parametrize("layout", sorted(set(LAYOUTS) - {"midog", "points"}))
def test_an_empty_folder_holds_no_data_set(tmp_path: Path, layout: str) -> None:
    with pytest.raises(DataError, match=f"{tmp_path.name}: holds no labelled image"):
        read_dataset(tmp_path, layout=layout)


def test_no_folder(tmp_path: Path, write: Write) -> None:
    with pytest.raises(DataError, match=r"must be a folder\. Received: nothing of that name"):
        read_dataset(tmp_path / "absent")
    with pytest.raises(DataError, match=r"must be a folder\. Received: a file"):
        read_dataset(write("file.txt", ""))


def test_layout_overrides_what_would_be_recognised(tmp_path: Path, write: Write) -> None:
    write("images/a_1.png")
    write("masks/a_1.png")
    write("labels.csv", "image,x,y,label\na_1.png,1,2,apoptosis\n")
    assert read_dataset(tmp_path).layout == "points"
    assert read_dataset(tmp_path, layout="folders").layout == "folders"


def test_labels_without_any_image(tmp_path: Path, write: Write) -> None:
    write("A00_01.csv", "1,2,3,4\n")
    dataset = read_labels(tmp_path)
    assert (len(dataset.fields), len(dataset.missing)) == (0, 1)
    with pytest.raises(DataError, match=r"none of the 1 labelled images is there.*A00_01\.bmp"):
        read_dataset(tmp_path)


def test_fields_come_in_the_order_of_their_paths(tmp_path: Path, write: Write) -> None:
    for name in ("b/A00_01", "a/A00_02"):
        write(f"{name}.bmp")
    write("csv/A00_01.csv", "1,2,3,4\n")
    write("csv/A00_02.csv", "1,2,3,4\n")
    names = [field.image.name for field in read_dataset(tmp_path).fields]
    assert names == ["A00_02.bmp", "A00_01.bmp"]


def test_fractions_of_images_are_no_pixels(tmp_path: Path, write: Write) -> None:
    write("images/a.png")
    write("labels.csv", "image,x,y,label\na.png,0.5,1,mitosis\na.png,0,0.25,apoptosis\n")
    with pytest.raises(DataError, match=r"labels must be in pixels\. Received: fractions"):
        read_dataset(tmp_path)


def test_an_image_is_one_field(tmp_path: Path, write: Write) -> None:
    write("B00_01.csv", "1,2,3,4\n")
    write("B00_02.csv", "1,2,3,4\n")
    image = write("B00_01.bmp")
    (tmp_path / "B00_02.bmp").symlink_to(image)
    message = r"B00_02\.bmp: an image must be listed once\. Received: once more, as .*B00_01\.bmp"
    with pytest.raises(DataError, match=message):
        read_dataset(tmp_path)


def test_a_figure_in_the_corner_is_none(tmp_path: Path, write: Write) -> None:
    write("images/a.png")
    write("labels.csv", "image,x,y,label\na.png,0,1,mitosis\n")
    assert len(read_dataset(tmp_path).fields[0].figures) == 1


def test_tiles_of_a_slide_in_several_cases_are_noted(tmp_path: Path, write: Write) -> None:
    for name in ("mitosis/S1_x0_y0", "other/S1_x0_y64", "other/S2_x0_y0", "other/tile_x0_y0"):
        write(f"images/{name}.png")
    write("images/mitosis/tile_x0_y0.png")  # "tile" is no slide
    write("labels.csv", "image,x,y,label\n")
    assert read_dataset(tmp_path).notes[-1] == (
        "1 slides have tiles in several cases, which then are not independent, such as "
        "S1 in mitosis, other"
    )


def test_a_figure_that_is_labelled_twice_counts_once(tmp_path: Path, write: Write) -> None:
    write("A00_01.bmp")
    write("A00_01.csv", "1,2,3,4\n1,2,3,4\n")
    dataset = read_dataset(tmp_path)
    assert len(dataset.fields[0].figures) == 1
    assert "1 labels within 1 px of another of the same kind: taken once" in dataset.notes


def test_labels_in_a_second_layout_are_noted(tmp_path: Path, write: Write) -> None:
    write("images/a_1.png")
    write("masks/a_1.png")
    write("labels.csv", "image,x,y,label\na_1.png,1,2,apoptosis\n")
    assert not [note for note in read_dataset(tmp_path).notes if "layout" in note]
    write("images/a_1.geojson", "[]")
    [note] = [note for note in read_dataset(tmp_path).notes if "layout" in note]
    assert "also looks like the layout qupath, whose labels are not read: taken is points" in note
    assert not [n for n in read_dataset(tmp_path, layout="points").notes if "layout" in n]
