from pathlib import Path

import pytest

from mitokeras.data.readers.tables import read_json, read_rows, read_table
from mitokeras.errors import DataError
from tests.data.readers.conftest import Write


def test_rows_are_stripped_and_numbered(tmp_path: Path, write: Write) -> None:
    path = write("t.csv", "\ufeff a , b\n\n , \n1, 2\n")
    assert read_rows(path) == [(1, ["a", "b"]), (4, ["1", "2"])]


def test_table_fills_short_rows(tmp_path: Path, write: Write) -> None:
    path = write("t.csv", "Image,X\na\n")
    assert read_table(path, ("image",)) == [(2, {"image": "a", "x": ""})]


def test_other_encodings_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_bytes("Müller,1".encode("utf-16"))
    with pytest.raises(DataError, match=r"t\.csv: must be a CSV file in UTF-8"):
        read_rows(path)


def test_an_empty_table_lacks_its_columns(tmp_path: Path, write: Write) -> None:
    with pytest.raises(DataError, match=r"t\.csv: needs the columns image"):
        read_table(write("t.csv", ""), ("image",))


def test_json_that_is_none(tmp_path: Path, write: Write) -> None:
    with pytest.raises(DataError, match=r"t\.json: must be a JSON file"):
        read_json(write("t.json", "[1,"))
