"""Table 1: how large the data sets are, counted here and as their publications state."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field

from mitokeras.data.inspect import inspect_dataset
from mitokeras.data.readers import read_labels
from mitokeras.disk.files import atomic_path, write_json
from mitokeras.disk.records import Record
from mitokeras.report.numbers import UNDEFINED
from mitokeras.reproduce.published import CONTEST
from mitokeras.reproduce.table import escaped, markdown_grid, write_csv

TITLE = "Table 1: the data sets"
NOTE = (
    "Counted: fields and mitotic figures as mitokeras data inspect counts them. Published: what "
    "the data sets' own publications state, not counted here; the paper's own table 1 was not at "
    "hand."
)


@dataclass(frozen=True)
class PublishedSize:
    """A data set or a part of it as published.

    Attributes:
        name: Its name.
        layout: Layout that it has on disk.
        split: Split of the part; empty for the whole.
        fields: Number of fields.
        figures: Number of mitotic figures.
        source: Where that is stated.
    """

    name: str
    layout: str
    split: str
    fields: int
    figures: int
    source: str


_ICPR = f"{CONTEST}, scanner Aperio"
PUBLISHED_SIZES = (
    PublishedSize("ICPR 2012", "icpr2012", "", 50, 326, _ICPR),
    PublishedSize("ICPR 2012, training", "icpr2012", "train", 35, 226, _ICPR),
    PublishedSize("ICPR 2012, evaluation", "icpr2012", "test", 15, 100, _ICPR),
    PublishedSize("GZMH", "gzmh", "", 1534, 2355,
                  "Science Data Bank, data set da31601544ce42ec8badf85b689f64d2"),
)  # fmt: skip
"""The recalls of the paper's table 2 are shares of 101 figures of the evaluation set, those of the
contest's teams in its table 3 of 100."""


class SizeRow(Record):
    """A line of table 1.

    Attributes:
        name: Data set, and its split.
        cases: Counted cases; None where it is only published, or for a split.
        fields: Counted fields; None where it is only published.
        figures: Counted mitotic figures; None likewise.
        published_fields: None where nothing is published of it.
        published_figures: None likewise.
        source: Where that is stated.
    """

    name: str
    cases: int | None = None
    fields: int | None = None
    figures: int | None = None
    published_fields: int | None = None
    published_figures: int | None = None
    source: str = ""


class SizeTable(Record):
    """Table 1.

    Attributes:
        title: Its title.
        rows: Counted data sets first.
        notes: What the counting had to say.
    """

    title: str
    rows: Annotated[tuple[SizeRow, ...], Field(strict=False)]
    notes: Annotated[tuple[str, ...], Field(strict=False)]


def count_datasets(
    folders: Sequence[Path], layout: str | None = None, spacing_um_px: float | None = None
) -> SizeTable:
    """Count data sets, and put what is published beside those that have its layout.

    Args:
        folders: The first is the one that `layout` and `spacing_um_px` are of.
        layout: Its layout, where the user names it.
        spacing_um_px: Its spacing, likewise.

    Raises:
        DataError: A folder holds no data set.
    """
    published = {(one.layout, one.split): one for one in PUBLISHED_SIZES}
    rows, notes = [], []
    for place, folder in enumerate(folders):
        own = (layout, spacing_um_px) if place == 0 else (None, None)
        found = inspect_dataset(read_labels(folder, *own))
        absent = found["missing_fields"]
        parts = [("", found["fields"] + absent, found["mitoses"]), *_parts(found)]
        for split, fields, figures in parts:
            row = SizeRow(
                name=f"{folder.name}, {split}" if split else folder.name,
                cases=None if split else len(found["cases"]),
                fields=fields,
                figures=figures,
            )
            if known := published.pop((found["layout"], split), None):
                row = row.changed(
                    published_fields=known.fields,
                    published_figures=known.figures,
                    source=f"as {known.name}: {known.source}",
                )
            rows.append(row)
        said = [f"{absent} of the fields have labels, but no image"] if absent else []
        said += [*found["problems"], *found["notes"]]
        notes += [f"{folder.name}: {line}" for line in said]
    rows += [
        SizeRow(
            name=one.name,
            published_fields=one.fields,
            published_figures=one.figures,
            source=one.source,
        )
        for one in published.values()
    ]
    return SizeTable(title=TITLE, rows=tuple(rows), notes=tuple(notes))


def _parts(found: dict[str, Any]) -> list[tuple[str, int, int]]:
    """Split, fields and figures of a data set that has splits of its own."""
    named = [part for part in found["splits"] if part["split"] != "none"]
    return [(part["split"], part["fields"], part["mitoses"]) for part in named]


def sizes_grid(table: SizeTable) -> list[list[str]]:
    """Titles, then one line a row."""
    titles = ["Data set", *(f"{each}, counted" for each in ("Cases", "Fields", "Mitotic figures"))]
    titles += [f"{each}, published" for each in ("Fields", "Mitotic figures")]
    lines = [titles]
    for row in table.rows:
        numbers = (row.cases, row.fields, row.figures, row.published_fields, row.published_figures)
        name = row.name if row.fields is not None else f"{row.name} (published only)"
        lines.append([name, *(UNDEFINED if each is None else f"{each:,}" for each in numbers)])
    return lines


def write_sizes(table: SizeTable, folder: Path) -> None:
    """Write table1.md, table1.csv and table1.json."""
    sources = [f"- {escaped(row.name)}: {escaped(row.source)}" for row in table.rows if row.source]
    notes = [f"- {escaped(note)}" for note in table.notes]
    parts = [
        f"# {table.title}",
        NOTE,
        markdown_grid(sizes_grid(table)),
        "\n".join(["**Published numbers, not counted here**", "", *sources]),
        *(["\n".join(["**Notes**", "", *notes])] if notes else []),
    ]
    with atomic_path(folder / "table1.md") as partial:
        partial.write_text("\n\n".join(parts) + "\n", encoding="utf-8", newline="\n")
    write_csv([row.model_dump() for row in table.rows], folder / "table1.csv")
    write_json(folder / "table1.json", table.to_json())
