"""Markdown for people who read it in a terminal."""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from typing import ClassVar

from markdown_it import MarkdownIt
from rich.box import Box
from rich.console import Console, ConsoleOptions, RenderResult
from rich.markdown import CodeBlock, Heading, Markdown, TableElement
from rich.measure import measure_renderables
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from mitokeras.text import printable, printable_lines

_HEADER = re.compile(r"\A---\n.*?\n---\n", re.DOTALL)
_PICTURE = re.compile(r"!\[([^\]]*)\]\(([^)]*)\)")
_PLACE = re.compile(r"\[([^\]]+)\]\(#[^)]*\)")
"""A link to somewhere else in the same text."""
_GAP = 2
_UNDERLINED = Box("    \n    \n -  \n    \n    \n    \n    \n    \n", ascii=True)
_CODE_PAGE = str.maketrans("•▌─", "-|-")
"""What rich draws with, as every code page of Windows has it."""


def markdown_text(markdown: str, width: int) -> str:
    """Lay out headings, paragraphs, lists, tables and code; the YAML header is left out.

    A table whose words do not fit side by side becomes one block of lines for each row. Characters
    that could steer the terminal are escaped.

    Args:
        markdown: Text such as a model card.
        width: Width of the terminal in characters.
    """
    body = _HEADER.sub("", markdown.replace("\r\n", "\n"))
    text = _PICTURE.sub(r"\[picture \2: \1\]", printable_lines(body))
    file = io.StringIO()
    console = Console(
        file=file, width=width, color_system=None, force_jupyter=False, legacy_windows=False
    )
    console.print(_Page(_PLACE.sub(r"\1", text)), crop=False)
    laid_out = file.getvalue().translate(_CODE_PAGE).strip("\n").split("\n")
    # Once more: an entity such as &#x202e; stands for a character that was not there before.
    return "\n".join(printable(line.rstrip()) for line in laid_out) + "\n"


class _Heading(Heading):
    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        self.text.justify = "left"
        yield self.text
        line = "=" if self.tag == "h1" else "-"
        yield Text(line * min(self.text.cell_len, options.max_width))


class _Code(CodeBlock):
    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        for line in str(self.text).rstrip().split("\n"):
            yield Text(f"    {line}", no_wrap=True, overflow="ignore")


class _Table(TableElement):
    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        lines = [self.header and self.header.row, *(self.body.rows if self.body else ())]
        head, *rows = [[cell.content for cell in line.cells] for line in lines if line]
        words = [
            measure_renderables(console, options, column)
            for column in zip(head, *rows, strict=True)
        ]
        sizes = [most for _, most in words]
        room = options.max_width - _GAP * (len(sizes) - 1)
        if sum(least for least, _ in words) > room:
            yield from _row_by_row(head, rows)
            return
        while sum(sizes) > room:
            spare = [i for i, (least, _) in enumerate(words) if sizes[i] > least]
            sizes[max(spare, key=sizes.__getitem__)] -= 1
        gap = (0, _GAP - 1, 0, 0)
        table = Table(box=_UNDERLINED, show_edge=False, pad_edge=False, padding=gap)
        for title, size in zip(head, sizes, strict=True):
            table.add_column(title, width=size)
        for row in rows:
            table.add_row(*row)
        yield table


def _row_by_row(head: Sequence[Text], rows: Sequence[Sequence[Text]]) -> RenderResult:
    for row in rows:
        for i, (title, cell) in enumerate(zip(head, row, strict=True)):
            if cell:
                text = Text.assemble("" if i else "* ", title, ": " if title else "", cell)
                yield Padding(text, (0, 0, 0, 4 if i else 0))


class _Page(Markdown):
    elements: ClassVar = {
        **Markdown.elements,
        "heading_open": _Heading,
        "fence": _Code,
        "code_block": _Code,
        "table_open": _Table,
    }

    def __init__(self, text: str) -> None:
        super().__init__("", hyperlinks=False)
        # What looks like HTML is shown; rich's own parser would leave it out.
        self.parsed = MarkdownIt(options_update={"html": False}).enable("table").parse(text)
