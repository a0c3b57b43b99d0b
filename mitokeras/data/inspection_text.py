"""The summary of a data set as the terminal shows it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from mitokeras.text import printable

ROWS_SHOWN = 40


def format_inspection(report: dict[str, Any]) -> str:
    """The summary of `inspect_dataset` as text, cases in a table."""
    fields, mitoses = f"{report['fields']}", f"{report['mitoses']}"
    if report["missing_fields"]:
        fields += f", and {report['missing_fields']} without image"
        mitoses += f", of them {report['missing_mitoses']} without image"
    if report["uncounted_fields"]:
        mitoses += f"; those of {report['uncounted_fields']} fields not counted"
    lines = [
        f"layout        {report['layout']}",
        f"fields        {fields}",
        f"mitoses       {mitoses}",
        f"look-alikes   {report['lookalikes']}",
        f"cases         {len(report['cases'])}",
        f"spacing       {', '.join(f'{value:g}' for value in report['spacings_um_px'])} um/px",
        f"image sizes   {_sizes_text(report['image_sizes'])}",
    ]
    if report["area_mm2"] is not None:
        lines.append(f"area          {report['area_mm2']:.2f} mm2")
        if report["labelled_mm2"] < 0.999 * report["area_mm2"]:
            lines.append(f"labelled      {report['labelled_mm2']:.2f} mm2 of it whole")
    header = ("case", "fields", "no image", "mitoses", "look-alikes", "split")
    rows = [
        (
            case["case"],
            case["fields"],
            case["missing_fields"],
            case["mitoses"],
            case["lookalikes"],
            ", ".join(case["splits"]) or "-",
        )
        for case in report["cases"][:ROWS_SHOWN]
    ]
    lines += ["", *_table([header, *rows])]
    if len(report["cases"]) > ROWS_SHOWN:
        lines.append(f"... and {len(report['cases']) - ROWS_SHOWN} more cases")
    for title in ("notes", "problems"):
        if report[title]:
            lines += ["", f"{title}:", *(f"- {printable(line)}" for line in report[title])]
    return "\n".join(lines)


def _sizes_text(sizes: Sequence[dict[str, int]]) -> str:
    shown = [f"{size['width']} x {size['height']} px ({size['fields']})" for size in sizes[:5]]
    return ", ".join(shown) + (", ..." if len(sizes) > 5 else "") if sizes else "not looked at"


def _table(rows: Sequence[Sequence[object]]) -> list[str]:
    """Columns of equal width; the first and last to the left, numbers to the right."""
    texts = [[printable(str(cell)) for cell in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(*texts, strict=True)]
    lines = []
    for first, *numbers, last in texts:
        cells = [text.rjust(width) for text, width in zip(numbers, widths[1:-1], strict=True)]
        lines.append("  ".join([first.ljust(widths[0]), *cells, last]))
    return lines
