from pathlib import Path

import pytest

from mitokeras.data.readers.files import (
    IMAGE_SUFFIXES,
    case_before_frame_number,
    case_before_separator,
    find_files,
    listing,
    split_of,
)
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


@pytest.mark.parametrize(
    ("stem", "by_frame", "by_separator"),
    [
        ("Case_10-03", "Case_10", "Case"),
        ("P07_block2_003", "P07_block2", "P07"),
        ("17", "17", "17"),
        ("a_b", "a_b", "a"),
        ("_1", "_1", "_1"),
    ],
)
def test_cases_from_names(stem: str, by_frame: str, by_separator: str) -> None:
    assert case_before_frame_number(stem) == by_frame
    assert case_before_separator(stem) == by_separator


def test_listing_is_short() -> None:
    assert listing(Path(f"{n}.png") for n in range(3)) == "0, 1, 2"
    assert listing(Path(f"{n}.png") for n in range(4)) == "0, 1, 2, ..."
