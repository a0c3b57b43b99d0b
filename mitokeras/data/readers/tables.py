"""CSV and JSON label files, read with errors that name the file and the line."""

from __future__ import annotations

import codecs
import csv
import io
import json
import math
import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mitokeras.data.fields import Mark
from mitokeras.data.readers.files import is_there
from mitokeras.data.readers.places import LARGEST_PX
from mitokeras.errors import DataError

DELIMITERS = {"\t": "tabs", ";": "semicolons", "|": "bars", ",": "commas"}
"""What may stand between cells, and its name. The first that occurs in a file's first row does: a
comma beside one of the others is that of a decimal, of which csv.Sniffer knows nothing."""

DECIMAL = re.compile(r"[+-]?\d*([.,])\d+([eE][+-]?\d+)?")

THOUSANDS = re.compile(r"[+-]?[1-9]\d{0,2}(?:[.,]\d{3})+")

DATASET_JSON = "dataset.json"

UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


@dataclass(frozen=True)
class Rows:
    """The rows of a CSV file.

    Attributes:
        delimiter: One of `DELIMITERS`.
        lines: Line number and cells of each row; cells are stripped, blank rows left out.
    """

    delimiter: str
    lines: list[tuple[int, list[str]]]


def read_rows(path: Path) -> Rows:
    """Rows of a CSV file in UTF-8, or in UTF-16 with a byte order mark.

    A first line `sep=;`, as Excel writes it, names the delimiter.
    """
    try:
        text = decoded(path.read_bytes())
        if "\0" in text:
            raise csv.Error("bytes that are 0, as of UTF-16 without its mark")
        first = next((line for line in text.splitlines() if line.strip()), "")
        delimiter = next((each for each in DELIMITERS if each in first), ",")
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
        rows = [(reader.line_num, [cell.strip() for cell in row]) for row in reader]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise DataError(
            f"{path}: must be a CSV file in UTF-8 (Excel: 'CSV UTF-8'). Received: {error}"
        ) from error
    lines = [(line, cells) for line, cells in rows if any(cells)]
    return Rows(delimiter, lines[1:] if re.fullmatch("sep=.", first) else lines)


def read_table(
    path: Path, required: Sequence[str], numbers: Collection[str] = ()
) -> list[tuple[int, dict[str, str]]]:
    """Rows of a CSV file with a header, each with its line number.

    Cells that a short row lacks are empty. Column names are in lower case.

    Args:
        path: The file.
        required: Columns that must be there.
        numbers: Columns whose decimals may follow a comma.

    Raises:
        DataError: If a required column is missing, two have one name, or a row has more cells than
            the header.
    """
    rows = read_rows(path)
    header = [name.lower() for name in rows.lines[0][1]] if rows.lines else []
    if not set(required) <= set(header):
        raise DataError(
            f"{path}: needs the columns {', '.join(required)}. Received, with "
            f"{DELIMITERS[rows.delimiter]} between them: {', '.join(header)}"
        )
    twice = sorted({name for name in header if name and header.count(name) > 1})
    if twice:
        raise DataError(f"{path}: needs one column of a name. Received twice: {', '.join(twice)}")
    table = []
    for line, cells in rows.lines[1:]:
        if len(cells) > len(header):
            raise DataError(
                f"{path}, line {line}: needs {len(header)} cells. Received: {len(cells)}"
            )
        cells += [""] * (len(header) - len(cells))
        table.append((line, dict(zip(header, cells, strict=True))))
    decimal = _decimal(path, rows, [i for i, name in enumerate(header) if name in numbers])
    for _, row in table:
        row |= {name: row[name].replace(decimal, ".") for name in numbers if name in row}
    return table


def number(text: str, where: str, name: str) -> float:
    """A finite number from a cell; `where` is its file and line, for the error."""
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise DataError(f"{where}: {name} must be a number. Received: {text!r}")
    if abs(value) >= LARGEST_PX:
        raise DataError(f"{where}: {name} must be below {LARGEST_PX}. Received: {text!r}")
    return value


def read_points(path: Path, columns: tuple[str, str], label: str = "") -> tuple[Mark, ...]:
    """Points from a CSV file without header: two coordinates per row, perhaps a confidence.

    Args:
        path: The file; an empty one holds no points.
        columns: What the first two columns hold: ("x", "y") or ("y", "x").
        label: Given to each mark.
    """
    marks = []
    rows = read_rows(path)
    decimal = _decimal(path, rows, range(3))
    for line, cells in rows.lines:
        where = f"{path}, line {line}"
        if len(cells) not in (2, 3):
            raise DataError(
                f"{where}: needs {columns[0]}, {columns[1]} and perhaps a confidence. "
                f"Received: {len(cells)} cells"
            )
        first, second, *confidence = (
            number(cell.replace(decimal, "."), where, "a cell") for cell in cells
        )
        if confidence and not 0 <= confidence[0] <= 1:
            raise DataError(
                f"{where}: a third cell is a confidence of 0 to 1, and no row number may stand "
                f"before {columns[0]}, {columns[1]}. Received: {', '.join(cells)}"
            )
        x, y = (first, second) if columns == ("x", "y") else (second, first)
        marks.append(Mark(x, y, label=label))
    return tuple(marks)


def read_json(path: Path) -> Any:
    """The content of a JSON file."""
    try:
        return json.loads(decoded(path.read_bytes()))
    except (OSError, ValueError, RecursionError) as error:
        raise DataError(f"{path}: must be a JSON file. Received: {error}") from error


def decoded(data: bytes) -> str:
    """Text in UTF-8, or in UTF-16 with a byte order mark."""
    return data.decode("utf-16" if data.startswith(UTF_16) else "utf-8-sig")


def read_dataset_json(root: Path) -> dict[str, Any]:
    """What the data set's own dataset.json states, where there is one."""
    path = root / DATASET_JSON
    if not is_there(path):
        return {}
    content = read_json(path)
    if not isinstance(content, dict):
        raise DataError(f"{path}: must hold a JSON object. Received: {type(content).__name__}")
    return content


def _decimal(path: Path, rows: Rows, columns: Collection[int]) -> str:
    """What stands before the decimals of these columns: a point, or a comma if none is between
    cells."""
    if rows.delimiter == ",":
        return "."
    marks = set()
    numbers = []
    for line, cells in rows.lines:
        found = [DECIMAL.fullmatch(cells[i]) for i in columns if i < len(cells)]
        numbers += [match for match in found if match]
        marks |= {match[1] for match in found if match}
        if len(marks) > 1:
            raise DataError(
                f"{path}, line {line}: all decimals must follow a point, or all a comma. "
                "Received: both"
            )
    if numbers and all(THOUSANDS.fullmatch(each[0]) for each in numbers):
        raise DataError(
            f"{path}: numbers must not be such as may be thousands or decimals. Received: "
            f"{numbers[0][0]}. Write thousands without a mark, or decimals of other than 3 digits"
        )
    return marks.pop() if marks else "."
