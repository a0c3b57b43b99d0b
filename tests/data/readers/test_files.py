import os
from pathlib import Path

import pytest

from mitokeras.data.readers import read_dataset
from mitokeras.data.readers.files import (
    IMAGE_SUFFIXES,
    find_files,
    listing,
    named_file,
    split_of,
)
from mitokeras.errors import DataError
from tests.data.readers.conftest import Write


def test_hidden_files_are_passed_over(tmp_path: Path, write: Write) -> None:
    for name in ("b/2.PNG", "a/1.tif", "a/._1.tif", ".cache/3.png", "a/notes.txt"):
        write(name, "")
    found = find_files(tmp_path, IMAGE_SUFFIXES)
    assert [path.relative_to(tmp_path).as_posix() for path in found] == ["a/1.tif", "b/2.PNG"]


@pytest.mark.parametrize(
    ("path", "split"),
    [
        ("train/a.png", "train"),
        ("Training Aperio/A03/a.png", "train"),
        ("x/mitoses-test-image-data/01/a.png", "test"),
        ("val/a.png", "validation"),
        ("latest/a.png", None),
        ("test.png", None),
    ],
)
def test_split_of_folder_names(path: str, split: str | None) -> None:
    root = Path("/data/test")  # the name of the root itself says nothing
    assert split_of(root / path, root) == split


def test_linked_folders_are_followed(tmp_path: Path, write: Write) -> None:
    write("store/P1/1.png", "")
    write("set/P2/1.png", "")
    (tmp_path / "set/P1").symlink_to(tmp_path / "store/P1")
    found = find_files(tmp_path / "set", IMAGE_SUFFIXES)
    assert [path.relative_to(tmp_path / "set").as_posix() for path in found] == [
        "P1/1.png",
        "P2/1.png",
    ]


def test_a_folder_that_is_linked_as_well_is_found_by_the_link(tmp_path: Path, write: Write) -> None:
    write("raw/01/a.png", "")
    write("raw/02/a.png", "")
    (tmp_path / "test").mkdir()
    (tmp_path / "test/02").symlink_to(tmp_path / "raw/02")
    (tmp_path / "raw/01/all").symlink_to(tmp_path)  # leads back up
    found = find_files(tmp_path, IMAGE_SUFFIXES)
    assert [path.relative_to(tmp_path).as_posix() for path in found] == [
        "raw/01/a.png",
        "test/02/a.png",
    ]


def test_links_that_hide_something_are_refused(tmp_path: Path, write: Write) -> None:
    write("a/1.png", "")
    (tmp_path / "b").symlink_to(tmp_path / "a")
    (tmp_path / "c").symlink_to(tmp_path / "a")
    with pytest.raises(DataError, match=r"c: a folder may be linked only once, as in .*b"):
        find_files(tmp_path, IMAGE_SUFFIXES)
    (tmp_path / "c").unlink()
    (tmp_path / "P3").symlink_to(tmp_path / "not mounted")
    with pytest.raises(
        DataError, match=r"P3: a link must lead somewhere\. Received: .*not mounted"
    ):
        find_files(tmp_path, IMAGE_SUFFIXES)


def test_a_name_is_that_of_one_file(tmp_path: Path, write: Write) -> None:
    first = write("a/1.png", "")
    (tmp_path / "b").mkdir()
    folders = (tmp_path / "a", tmp_path / "b", tmp_path)
    assert named_file("t.csv", "1.png", folders) == first
    assert named_file("t.csv", "a\\1.png", folders) == first
    assert named_file("t.csv", "2.png", folders) is None
    (tmp_path / "b/1.png").symlink_to(first)
    assert named_file("t.csv", "1.png", folders) == first
    write("1.png", "")
    message = r"t\.csv: an image's name must be that of one file\. Received: 1\.png, which may be "
    with pytest.raises(DataError, match=message):
        named_file("t.csv", "1.png", folders)


def test_listing_is_short() -> None:
    assert listing(Path(f"{n}.png") for n in range(3)) == "0, 1, 2"
    assert listing(Path(f"{n}.png") for n in range(4)) == "0, 1, 2, ..."


@pytest.mark.parametrize("name", ["../a.png", "x/../../a.png", "/a.png", "C:\\a.png", "..\\a.png"])
def test_an_image_outside_of_the_data_set_is_refused(tmp_path: Path, name: str) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "a.png").touch()
    with pytest.raises(DataError, match=r"x\.csv: an image must lie in the data set's folder"):
        named_file("x.csv", name, [tmp_path / "in"])


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes")
@pytest.mark.parametrize("name", ["labels.csv", "dataset.json", "cases.csv", "notes.json"])
def test_a_pipe_is_no_label_file(tmp_path: Path, write: Write, name: str) -> None:
    write("images/a_1.png")
    write("masks/a_1.png")
    os.mkfifo(tmp_path / name)
    if name == "notes.json":
        assert read_dataset(tmp_path).layout == "folders"
        return
    with pytest.raises(DataError, match=rf"{name}: must be a file\. Received: a folder, a pipe"):
        read_dataset(tmp_path)
