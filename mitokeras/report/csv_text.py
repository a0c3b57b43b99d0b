"""CSV that a spreadsheet may open without running any of it."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Sequence

_FORMULA = re.compile(r"^(?=[\t\r\n])|(?:^|(?<=[;\t\r\n]))(?=[=+\-@\uff1d\uff0b\uff0d\uff20])")
"""Where a formula may begin: also after what parts cells in many countries, and with signs in the
full width of East Asian keyboards, which spreadsheets read as the others."""


def csv_text(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    """Write a table: UTF-8, commas. None is an empty cell; what may be a formula gets a quote."""
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    table.writerow(columns)
    table.writerows([_harmless(cell) for cell in row] for row in rows)
    return text.getvalue().encode("utf-8")


def _harmless(cell: object) -> object:
    """Numbers are given as they are: those of a table are no formulas."""
    return _FORMULA.sub("'", cell) if isinstance(cell, str) and not _is_number(cell) else cell


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
