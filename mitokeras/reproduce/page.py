"""The page that holds all tables and figures of a workspace beside the published numbers."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from mitokeras import __version__
from mitokeras.disk.files import atomic_path, read_json
from mitokeras.disk.records import parse
from mitokeras.report.page import page_image, page_templates
from mitokeras.reproduce.cells import comparison_grid, explanations, scores_grid, sections
from mitokeras.reproduce.datasets import NOTE, SizeTable, sizes_grid
from mitokeras.reproduce.experiments import EXPERIMENTS
from mitokeras.reproduce.pictures import PICTURES, read_picture
from mitokeras.reproduce.reproduce import remark
from mitokeras.reproduce.results import ExperimentResult, RowResult
from mitokeras.reproduce.scale import scale_grid
from mitokeras.reproduce.summary import status
from mitokeras.reproduce.workspace import Workspace

PAGE_FILE = "index.html"

ORDER = (
    "table1", "figure7", "figure8", "table2", "table4", "figure5", "figure6", "table3", "figure9",
    "figure10", "figure11", "curve",
)  # fmt: skip
"""As the paper tells it; the learning curve is ours."""

PAPER_NAMES: Mapping[str, str] = {
    "table1": "Table 1: the data sets",
    **{target: experiment.title for target, experiment in EXPERIMENTS.items()},
    **{target: picture.title for target, picture in PICTURES.items()},
}

_INTERVAL = re.compile(r"^(.+?) (\(.+\))$")


@dataclass(frozen=True)
class Grid:
    """A table of the page.

    Attributes:
        groups: (title, number of columns) of the upper line of the head; an empty title is none.
        titles: The lower line.
        lines: Each a list of (text, small text below it).
    """

    groups: list[tuple[str, int]]
    titles: list[str]
    lines: list[list[tuple[str, str]]]


@dataclass(frozen=True)
class Part:
    """A table or figure of the page.

    Attributes:
        target: Its name on the command line.
        title: Heading.
        basis: What of it was measured and what was quoted, in a few words.
        lead: Sentences before it.
        grids: Its tables.
        image: Source and width of its picture, or None.
        caption: Below the picture.
        sections: Headings and the lines under them.
    """

    target: str
    title: str
    basis: str
    lead: Sequence[str] = ()
    grids: Sequence[Grid] = ()
    image: Mapping[str, str | int] | None = None
    caption: str = ""
    sections: Sequence[tuple[str, Sequence[str]]] = field(default=())


def write_page(workspace: Workspace, missing: Mapping[str, str]) -> Path:
    """Write index.html: no script, no network, images inside.

    Args:
        workspace: The experiments; what lies there is shown.
        missing: Why a target is not there, by its name.

    Returns:
        The file.
    """
    parts = [
        part for target in ORDER if target not in missing
        and (part := _part(workspace.root, target)) is not None
    ]  # fmt: skip
    settings = workspace.settings
    text = (
        page_templates()
        .get_template("paper/reproduction.html.jinja")
        .render(
            title=f"SCMitosis on {workspace.data_name}",
            version=__version__,
            budget=settings.budget + remark(settings),
            data=workspace.data_name,
            scale=as_grid(scale_grid(settings.config)),
            parts=parts,
            missing=[(PAPER_NAMES[target], missing[target]) for target in ORDER
                     if target in missing],
        )
    )  # fmt: skip
    path = workspace.root / PAGE_FILE
    with atomic_path(path) as partial:
        partial.write_text(text, encoding="utf-8")
    return path


def as_grid(lines: Sequence[Sequence[str]]) -> Grid:
    """A grid of `cells` for the page: "F1, measured" stands under "measured", intervals are small.

    Args:
        lines: Titles first.
    """
    titles, *rows = lines
    heads = [title.partition(", ") for title in titles[1:]]
    groups: list[tuple[str, int]] = [("", 1)]
    for _, _, group in heads:
        name, count = groups[-1]
        if len(groups) > 1 and name == group:
            groups[-1] = (name, count + 1)
        else:
            groups.append((group, 1))
    return Grid(
        groups=groups if any(name for name, _ in groups) else [],
        titles=[titles[0], *(head for head, _, _ in heads)],
        lines=[[(row[0], ""), *map(_split, row[1:])] for row in rows],
    )


def _split(cell: str) -> tuple[str, str]:
    found = _INTERVAL.match(cell)
    return (found[1], found[2]) if found else (cell, "")


def _part(root: Path, target: str) -> Part | None:
    if target == "table1":
        return _sizes(root)
    return _experiment(root, target) if target in EXPERIMENTS else _picture(root, target)


def _sizes(root: Path) -> Part | None:
    path = root / "table1.json"
    if not path.is_file():
        return None
    table = parse(SizeTable, read_json(path))
    grid = [line[:] for line in sizes_grid(table)]
    basis = ["Basis", *("counted" if row.fields is not None else "quoted" for row in table.rows)]
    for line, said in zip(grid, basis, strict=True):
        line[0] = line[0].removesuffix(" (published only)")
        line.insert(1, said)
    sources = [f"{row.name}: {row.source}" for row in table.rows if row.source]
    below = [("Published numbers, not counted here", sources), ("Notes", list(table.notes))]
    return Part(
        target="table1",
        title=table.title,
        basis="counted here; published counts quoted",
        lead=[NOTE],
        grids=[as_grid(grid)],
        sections=[(heading, lines) for heading, lines in below if lines],
    )


def _experiment(root: Path, target: str) -> Part | None:
    path = root / f"{target}.json"
    if not path.is_file():
        return None
    result = parse(ExperimentResult, read_json(path))
    scores = scores_grid(result)
    for line, said in zip(scores, ["Basis", *map(_basis, result.rows)], strict=True):
        line[0] = line[0].removesuffix(" (published only)").removesuffix(" (failed)")
        line.insert(1, said)
    comparison = comparison_grid(result)
    grids = [scores, *([comparison] if len(comparison) > 1 else [])]
    measured = sum(status(row) == "measured" for row in result.rows)
    quoted = sum(row.published is not None for row in result.rows)
    failed = sum(status(row) == "failed" for row in result.rows)
    basis = f"rows measured: {measured}, quoted: {quoted}"
    return Part(
        target=target,
        title=result.title,
        basis=f"{basis}, failed: {failed}" if failed else basis,
        lead=[f"Scored after {result.stage}, {result.protocol}. Data: {result.data}."],
        grids=[as_grid(grid) for grid in grids],
        image=page_image(root / f"{target}.png"),
        caption=" ".join(explanations(result)),
        sections=sections(result),
    )


def _basis(row: RowResult) -> str:
    """What stands in a line of the table."""
    said = {"measured": "measured", "failed": "failed", "published only": ""}[status(row)]
    return ", ".join(filter(None, (said, "quoted" if row.published else "")))


def _picture(root: Path, target: str) -> Part | None:
    record = read_picture(root, target)
    if record is None:
        return None
    return Part(
        target=target,
        title=record.title,
        basis="drawn from what was measured" if target not in ("figure7", "figure8")
        else "drawn from the data",
        image=page_image(root / f"{target}.png"),
        caption=record.caption,
    )  # fmt: skip
