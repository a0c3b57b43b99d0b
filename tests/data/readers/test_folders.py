from pathlib import Path

import pytest

from mitokeras.data.readers import read_dataset
from mitokeras.errors import DataError
from tests.data.readers.conftest import Write


def test_pairs_with_cases_from_file_names_and_subfolders(tmp_path: Path, write: Write) -> None:
    for name in ("P1_02_a", "P1_03_b", "P2-01", "P9/001"):
        write(f"images/{name}.jpg")
        write(f"masks/{name}.png")
    dataset = read_dataset(tmp_path)
    assert dataset.layout == "folders"
    assert [field.case for field in dataset.fields] == ["P1", "P1", "P2", "P9"]
    assert [field.split for field in dataset.fields] == [None] * 4
    assert dataset.fields[3].mask == tmp_path / "masks/P9/001.png"
    assert any(note.startswith("no cases.csv: 3 cases") for note in dataset.notes)
    assert any("spacing assumed" in note for note in dataset.notes)


def test_splits_from_folders(tmp_path: Path, write: Write) -> None:
    for split in ("train", "validation", "test"):
        write(f"{split}/images/{split}P_1.png")
        write(f"{split}/masks/{split}P_1.png")
    fields = read_dataset(tmp_path).fields
    assert {field.case: field.split for field in fields} == {
        "trainP": "train",
        "validationP": "validation",
        "testP": "test",
    }


def test_cases_and_splits_from_a_table(tmp_path: Path, write: Write) -> None:
    for name in ("x1", "x2"):
        write(f"images/{name}.png")
        write(f"masks/{name}.png")
    write("cases.csv", "image,case,split\nx1.png,anna,test\nx2,berta,\n")
    fields = read_dataset(tmp_path).fields
    assert [(field.case, field.split) for field in fields] == [("anna", "test"), ("berta", None)]


def test_image_without_mask_and_mask_without_image(tmp_path: Path, write: Write) -> None:
    image = write("images/a.png")
    write("masks/b.png")
    with pytest.raises(DataError, match=r"a\.png: an image needs a mask of its name"):
        read_dataset(tmp_path)
    image.unlink()
    with pytest.raises(DataError, match=r"b\.png: a mask needs an image of its name"):
        read_dataset(tmp_path)


def test_two_files_of_one_name(tmp_path: Path, write: Write) -> None:
    for name in ("images/a.jpg", "images/a.png", "masks/a.png"):
        write(name)
    with pytest.raises(DataError, match=r"a\.png: a file name may occur only once"):
        read_dataset(tmp_path)


def test_linked_folders_are_read_once(tmp_path: Path, write: Write) -> None:
    for name in ("train/images/a.png", "train/masks/a.png"):
        write(name)
    (tmp_path / "self").symlink_to(".")
    (tmp_path / "latest").symlink_to("train")
    (field,) = read_dataset(tmp_path).fields
    assert (field.image, field.mask) == (
        tmp_path / "latest/images/a.png",
        tmp_path / "latest/masks/a.png",
    )
    (tmp_path / "validation").symlink_to("nowhere")
    with pytest.raises(DataError, match="validation: a link must lead somewhere"):
        read_dataset(tmp_path)


def test_a_split_without_masks_is_refused(tmp_path: Path, write: Write) -> None:
    for name in ("train/images/a.png", "train/masks/a.png", "test/images/b.png"):
        write(name)
    with pytest.raises(DataError, match="images: needs a folder masks beside it"):
        read_dataset(tmp_path)


def test_images_that_are_in_no_pair_are_noted(tmp_path: Path, write: Write) -> None:
    """Such as a test set whose folders have other names, or lie too deep."""
    raw = write("raw/P1_1.png")
    (tmp_path / "train/images").mkdir(parents=True)
    (tmp_path / "train/images/P1_1.png").symlink_to(raw)
    for name in ("train/masks/P1_1", "test/image/P2_1", "test/mask/P2_1", "a/b/c/images/P3_1"):
        write(f"{name}.png")
    (note,) = [note for note in read_dataset(tmp_path).notes if "not read" in note]
    assert note == (
        "3 images are not read, as they lie in no folder images with masks beside it, at most 2 "
        "folders down, but in a/b/c/images, test/image, test/mask"
    )


def test_folders_whose_names_differ_in_capitals_only(tmp_path: Path, write: Write) -> None:
    for name in ("Images/a.png", "images/b.png", "masks/a.png"):
        write(name)
    if (tmp_path / "images/a.png").exists():
        pytest.skip("the file system has one name for both")
    with pytest.raises(DataError, match=r"images: names of folders must differ .*, as in .*Images"):
        read_dataset(tmp_path)
