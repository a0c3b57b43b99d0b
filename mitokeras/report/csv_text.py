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
    """Write a table: UTF-8, commas. None is an empty cell; texts must be `harmless`."""
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    table.writerow(columns)
    table.writerows(rows)
    return text.getvalue().encode("utf-8")


def harmless(text: str) -> str:
    """Put a quote before what a spreadsheet would take for a formula."""
    return _FORMULA.sub("'", text)
