"""Words of messages and reports; names that fit into one line, whatever a file is called."""

from __future__ import annotations


def printable(text: str) -> str:
    """Escape line ends, control characters, and bytes of file names that are not Unicode."""
    return "".join(
        c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in text
    )


def printable_lines(text: str) -> str:
    """Escape what `printable` does but for the ends of lines."""
    return "\n".join(printable(line) for line in text.split("\n"))


def count_of(number: int, noun: str) -> str:
    """A number with its noun, in the plural but for one."""
    return f"{number} {noun}{'s' * (number != 1)}"
