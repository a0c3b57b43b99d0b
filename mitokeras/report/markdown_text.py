"""Markdown for people who read it in a terminal."""

from __future__ import annotations

import re
import textwrap
from itertools import groupby

from mitokeras.text import printable

_HEADER = re.compile(r"\A---\n.*?\n---\n", re.DOTALL)
_INLINE = (
    (re.compile(r"!\[([^\]]*)\]\(([^)]*)\)"), r"[picture \2: \1]"),
    (re.compile(r"\[([^\]]+)\]\(#[^)]*\)"), r"\1"),  # a place in the same text
    (re.compile(r"\[([^\]]+)\]\(([^)]*)\)"), r"\1 (\2)"),
    (re.compile(r"(?<!\\)(\*\*|`)"), ""),
    (re.compile(r"(?<![\\\w*])\*(?=\S)([^*]+)(?<=\S)\*(?![\w*])"), r"\1"),
    (re.compile(r"\\([\\`*_{}\[\]()#+.!|<>-])"), r"\1"),
    (re.compile(r"&lt;"), "<"),
)
_CELL_BORDER = re.compile(r"(?<!\\)\|")
_RULE = re.compile(r"\|?\s*:?-+:?\s*(\|\s*:?-+:?\s*)*\|?")


def markdown_text(markdown: str, width: int) -> str:
    """Lay out headings, paragraphs, lists, tables and code; the YAML header is left out.

    A table that is wider than the terminal becomes one block of lines for each row. Characters
    that could steer the terminal are escaped.

    Args:
        markdown: As model cards are written.
        width: Of the terminal in characters.
    """
    lines = _HEADER.sub("", markdown.replace("\r\n", "\n")).split("\n")
    blocks = [_laid_out(block, width) for block in _blocks([printable(line) for line in lines])]
    return "\n\n".join(block for block in blocks if block) + "\n"


def _blocks(lines: list[str]) -> list[list[str]]:
    """Split into headings, code, tables, and what stands together between blank lines."""
    blocks: list[list[str]] = [[]]
    fenced, before = False, ""
    for line in lines:
        fence = line.startswith("```")
        kind = "#" if line.startswith("#") else "|" if line.startswith("|") else ""
        if not fenced and (not line.strip() or fence or kind == "#" or kind != before):
            blocks.append([])
        if fenced or line.strip():
            blocks[-1].append(line)
        if fence and fenced:
            blocks.append([])
        fenced ^= fence
        before = kind
    return [block for block in blocks if block]


def _laid_out(block: list[str], width: int) -> str:
    first = block[0]
    if first.startswith("```"):
        return "\n".join(f"    {line}".rstrip() for line in block[1:] if line[:3] != "```")
    if first.startswith("#"):
        level, _, title = first.partition(" ")
        title = _inline(title)
        return f"{title}\n{('=' if level == '#' else '-') * len(title)}"
    if first.startswith("|"):
        return _table(block, width)
    if first.startswith(">"):
        text = " ".join(line.lstrip("> ") for line in block)
        return _filled(_inline(text), width, "  | ", "  | ")
    return _paragraphs(block, width)


def _paragraphs(block: list[str], width: int) -> str:
    """A paragraph, or the items of a list."""
    starts = [bool(re.match(r"\s*([-*]|\d+\.) ", line)) for line in block]
    numbers = [sum(starts[: i + 1]) for i in range(len(block))]
    texts = []
    for _, group in groupby(zip(numbers, starts, block, strict=True), key=lambda one: one[0]):
        parts = [(is_item, line) for _, is_item, line in group]
        is_item, first = parts[0]
        text = " ".join(line.strip() for _, line in parts)
        indent = first[: len(first) - len(first.lstrip())] if is_item else ""
        texts.append(_filled(_inline(text), width, indent, f"{indent}  " if is_item else ""))
    return "\n".join(texts)


def _table(block: list[str], width: int) -> str:
    rows = [_cells(line) for line in block]
    columns = max(len(row) for row in rows)
    rows = [row + [""] * (columns - len(row)) for row in rows]
    has_head = len(block) > 2 and _RULE.fullmatch(block[1].strip())
    head, rule, *rest = rows if has_head else [[], [], *rows]
    right = [cell.endswith(":") for cell in rule] or [False] * columns
    sizes = _column_sizes([head, *rest] if head else rest, width - 2 * (columns - 1))
    if sizes is None:
        return "\n".join(line for row in rest for line in _row_by_row(head, row, width))
    lines = [line for row in rest for line in _row(row, sizes, right)]
    if head:
        lines = [*_row(head, sizes, right), "  ".join("-" * size for size in sizes), *lines]
    return "\n".join(lines)


def _column_sizes(rows: list[list[str]], room: int) -> list[int] | None:
    """Widths that leave words whole, the wide columns narrowed first; None if they do not fit."""
    columns = list(zip(*rows, strict=True))
    sizes = [max(map(len, cells)) for cells in columns]
    least = [max(len(word) for cell in cells for word in ["", *cell.split()]) for cells in columns]
    while sum(sizes) > room:
        spare = [size - low for size, low in zip(sizes, least, strict=True)]
        if not any(spare):
            return None
        sizes[max(range(len(sizes)), key=lambda i: (spare[i] > 0, sizes[i]))] -= 1
    return sizes


def _row(cells: list[str], sizes: list[int], right: list[bool]) -> list[str]:
    """The lines of a row whose cells may take several."""
    columns = [
        [part.rjust(size) if to_the_right else part.ljust(size) for part in _parts(cell, size)]
        for cell, size, to_the_right in zip(cells, sizes, right, strict=True)
    ]
    height = max(map(len, columns))
    filled = [
        column + [" " * size] * (height - len(column))
        for column, size in zip(columns, sizes, strict=True)
    ]
    return ["  ".join(parts).rstrip() for parts in zip(*filled, strict=True)]


def _parts(cell: str, size: int) -> list[str]:
    return textwrap.wrap(cell, max(size, 1), break_on_hyphens=False)


def _row_by_row(head: list[str], row: list[str], width: int) -> list[str]:
    """A row whose words are too long to stand side by side."""
    names = [f"{name}: " if name else "" for name in head] or [""] * len(row)
    named = [f"{name}{cell}" for name, cell in zip(names, row, strict=True) if cell]
    return [_filled(text, width, "    " if i else "* ", "      ") for i, text in enumerate(named)]


def _cells(line: str) -> list[str]:
    inner = re.sub(r"^\||(?<!\\)\|\s*$", "", line.strip())
    return [_inline(cell.strip()) for cell in _CELL_BORDER.split(inner)]


def _inline(text: str) -> str:
    for pattern, replacement in _INLINE:
        text = pattern.sub(replacement, text)
    return text


def _filled(text: str, width: int, first: str, later: str) -> str:
    return textwrap.fill(
        text, width, initial_indent=first, subsequent_indent=later,
        break_long_words=False, break_on_hyphens=False,
    )  # fmt: skip
