from pathlib import Path

import pytest

from mitokeras.data.readers.tables import read_json, read_points, read_rows, read_table
from mitokeras.errors import DataError
from tests.data.readers.conftest import Write


def test_rows_are_stripped_and_numbered(tmp_path: Path, write: Write) -> None:
    path = write("t.csv", "\ufeff a , b\n\n , \n1, 2\n")
    assert read_rows(path).lines == [(1, ["a", "b"]), (4, ["1", "2"])]


@pytest.mark.parametrize(
    ("text", "delimiter"),
    [
        ("a,b\n", ","),
        ("a;b,c\n", ";"),
        ("1,5\t2,5\n", "\t"),
        ("a|b\n", "|"),
        ("\n\na;b\n", ";"),
        ("a\n", ","),
        ("sep=;\na,5\n", ";"),
        ("sep=\t\na;5\n", "\t"),
    ],
)
def test_the_first_row_shows_the_delimiter(
    tmp_path: Path, write: Write, text: str, delimiter: str
) -> None:
    rows = read_rows(write("t.csv", text))
    assert rows.delimiter == delimiter
    assert len(rows.lines) == 1


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_encodings_that_show_themselves(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "t.csv"
    path.write_bytes("Müller\r\n".encode(encoding))
    assert read_rows(path).lines == [(1, ["Müller"])]


def test_table_fills_short_rows(tmp_path: Path, write: Write) -> None:
    path = write("t.csv", "Image,X\na\n")
    assert read_table(path, ("image",)) == [(2, {"image": "a", "x": ""})]


@pytest.mark.parametrize("encoding", ["cp1252", "mac-roman", "utf-16-le", "utf-16-be"])
def test_other_encodings_are_refused(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "t.csv"
    path.write_bytes("Müller,1".encode(encoding))
    with pytest.raises(DataError, match=r"t\.csv: must be a CSV file in UTF-8 \(Excel:"):
        read_rows(path)


def test_a_quote_that_does_not_end_is_refused(tmp_path: Path, write: Write) -> None:
    with pytest.raises(DataError, match=r"t\.csv: must be a CSV file.*unexpected end of data"):
        read_rows(write("t.csv", 'a,"b\nc,d\n'))


def test_a_column_that_is_there_twice_is_refused(tmp_path: Path, write: Write) -> None:
    with pytest.raises(DataError, match=r"one column of a name\. Received twice: x"):
        read_table(write("t.csv", ",image,x,X,\n"), ("image",))


def test_decimal_commas(tmp_path: Path, write: Write) -> None:
    path = write("t.csv", "x;name\n1,5;2,5\n3;\n")
    assert [row for _, row in read_table(path, ("x",), ("x",))] == [
        {"x": "1.5", "name": "2,5"},
        {"x": "3", "name": ""},
    ]


@pytest.mark.parametrize("rows", ["1,5;2.5", "1,5;2\n3.5;4"])
def test_decimals_of_two_kinds_are_refused(tmp_path: Path, write: Write, rows: str) -> None:
    with pytest.raises(DataError, match="all decimals must follow a point, or all a comma"):
        read_points(write("t.csv", rows), ("x", "y"))


@pytest.mark.parametrize(
    "rows", ["1,024\t2,048\n210\t60", "1.024;2.048\n100;30", "100|3.250", "-1,024;0"]
)
def test_what_may_be_thousands_is_refused(tmp_path: Path, write: Write, rows: str) -> None:
    message = (
        r"t\.csv: numbers must not be such as may be thousands or decimals\. Received: -?\d[,.]"
    )
    with pytest.raises(DataError, match=message):
        read_points(write("t.csv", rows), ("x", "y"))


@pytest.mark.parametrize("rows", ["1,024;0,5", "1.024;1024.250", "1,02;100", "1.024,2.048"])
def test_what_are_plainly_decimals(tmp_path: Path, write: Write, rows: str) -> None:
    (mark,) = read_points(write("t.csv", rows), ("x", "y"))
    assert 1.02 <= mark.x <= 1.024


@pytest.mark.parametrize(
    ("row", "point"), [("7,9", (7, 9)), ("7,9,0.5", (7, 9)), ("7,5;9,5;1,0", (7.5, 9.5))]
)
def test_points(tmp_path: Path, write: Write, row: str, point: tuple[float, float]) -> None:
    for columns, order in ((("x", "y"), 1), (("y", "x"), -1)):
        (mark,) = read_points(write("t.csv", row), columns)
        assert (mark.x, mark.y) == point[::order]


@pytest.mark.parametrize("row", ["0,142,96", "0,142,-1", "1;2;1,5"])
def test_a_row_number_is_no_coordinate(tmp_path: Path, write: Write, row: str) -> None:
    with pytest.raises(DataError, match="line 1: a third cell is a confidence of 0 to 1, and no"):
        read_points(write("t.csv", row), ("y", "x"))


def test_an_empty_table_lacks_its_columns(tmp_path: Path, write: Write) -> None:
    with pytest.raises(DataError, match=r"t\.csv: needs the columns image"):
        read_table(write("t.csv", ""), ("image",))


def test_json_that_is_none(tmp_path: Path, write: Write) -> None:
    with pytest.raises(DataError, match=r"t\.json: must be a JSON file"):
        read_json(write("t.json", "[1,"))
