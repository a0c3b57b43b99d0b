from pathlib import Path

import pytest

from mitokeras.data.readers.cases import read_cases
from mitokeras.errors import DataError
from tests.data.readers.conftest import Write


def test_a_longer_path_tells_equal_names_apart(tmp_path: Path, write: Write) -> None:
    images = [tmp_path / "images/a/1.png", tmp_path / "images/b/1.png"]
    table = write("cases.csv", "image,case\na/1.png,A\nimages\\b\\1,B\n")
    assert read_cases(table, images, tmp_path) == {
        images[0]: ("A", None),
        images[1]: ("B", None),
    }


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ("1.png,A", "line 2: must name one image. '1.png' names 2"),
        ("3.png,A", "line 2: must name one image. '3.png' names 0"),
        (",A", "line 2: must name one image. '' names 0"),
        ("a/1.png,A\na/1.png,B", "line 3: an image may have only one row"),
        ("a/1.png,", "line 2: needs a case"),
        ("a/1.png,A", "needs a row for each image. Received none for 1.png"),
    ],
)
def test_bad_rows(tmp_path: Path, write: Write, rows: str, message: str) -> None:
    images = [tmp_path / "images/a/1.png", tmp_path / "images/b/1.png"]
    table = write("cases.csv", f"image,case\n{rows}\n")
    with pytest.raises(DataError, match=rf"cases\.csv.*{message}"):
        read_cases(table, images, tmp_path)
