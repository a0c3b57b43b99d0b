"""CSV and JSON label files, read with errors that name the file and the line."""

from __future__ import annotations

import csv
import io
import json
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from mitokeras.data.fields import Mark
from mitokeras.errors import DataError


def read_rows(path: Path) -> list[tuple[int, list[str]]]:
    """Rows of a CSV file with their line numbers; cells are stripped, blank rows left out."""
    rows = []
    try:
        text = path.read_text(encoding="utf-8-sig")
        reader = csv.reader(io.StringIO(text, newline=""))
        for row in reader:
            cells = [cell.strip() for cell in row]
            if any(cells):
                rows.append((reader.line_num, cells))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise DataError(f"{path}: must be a CSV file in UTF-8. Received: {error}") from error
    return rows


def read_table(path: Path, required: Sequence[str]) -> list[tuple[int, dict[str, str]]]:
    """Rows of a CSV file with a header, each with its line number.

    Cells that a short row lacks are empty. Column names are in lower case.

    Raises:
        DataError: If a required column is missing, or a row has more cells than the header.
    """
    rows = read_rows(path)
    header = [name.lower() for name in rows[0][1]] if rows else []
    if not set(required) <= set(header):
        raise DataError(
            f"{path}: needs the columns {', '.join(required)}. Received: {', '.join(header)}"
        )
    table = []
    for line, cells in rows[1:]:
        if len(cells) > len(header):
            raise DataError(
                f"{path}, line {line}: needs {len(header)} cells. Received: {len(cells)}"
            )
        cells += [""] * (len(header) - len(cells))
        table.append((line, dict(zip(header, cells, strict=True))))
    return table


def number(text: str, where: str, name: str) -> float:
    """A finite number from a cell; `where` is its file and line, for the error."""
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise DataError(f"{where}: {name} must be a number. Received: {text!r}")
    return value


def read_points(path: Path, columns: tuple[str, str], label: str = "") -> tuple[Mark, ...]:
    """Points from a CSV file without header: two coordinates per row, perhaps a confidence.

    Args:
        path: The file; an empty one holds no points.
        columns: What the first two columns hold: ("x", "y") or ("y", "x").
        label: Given to each mark.
    """
    marks = []
    for line, cells in read_rows(path):
        if len(cells) not in (2, 3):
            raise DataError(
                f"{path}, line {line}: needs {columns[0]}, {columns[1]} and perhaps a confidence. "
                f"Received: {len(cells)} cells"
            )
        values = [number(cell, f"{path}, line {line}", "a cell") for cell in cells]
        named = dict(zip(columns, values, strict=False))
        marks.append(Mark(named["x"], named["y"], label=label))
    return tuple(marks)


def read_json(path: Path) -> Any:
    """The content of a JSON file."""
    try:
        return json.loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, ValueError, RecursionError) as error:
        raise DataError(f"{path}: must be a JSON file. Received: {error}") from error
