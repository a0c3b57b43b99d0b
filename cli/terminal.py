"""The one way to the terminal, on which names and labels from outside must do nothing."""

from __future__ import annotations

import logging
import sys
from typing import Any

import click

from mitokeras.text import printable, printable_lines


def say(text: str, error: bool = False, loud: bool = False) -> None:
    """Write lines, with what could steer the terminal escaped.

    Args:
        text: Its line ends are meant: a name in it that may have some must be `printable`.
        error: Write to the standard error.
        loud: In red, where it is a terminal.
    """
    encoding = (sys.stderr if error else sys.stdout).encoding or "utf-8"
    shown = printable_lines(text).encode(encoding, "backslashreplace").decode(encoding)
    click.echo(click.style(shown, fg="red", bold=True) if loud else shown, err=error)


def log_to_stderr(form: str, anew: bool = False) -> None:
    """Write the log to the standard error, a message of ours on one line.

    Args:
        form: Of a line, as `logging.Formatter` takes it.
        anew: In place of how it is written so far.
    """
    handler = logging.StreamHandler()
    handler.setFormatter(_Lines(form))
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=anew)
    logging.getLogger("mitokeras").setLevel(logging.INFO)


class _Lines(logging.Formatter):
    def formatMessage(self, record: logging.LogRecord) -> str:
        text = super().formatMessage(record)
        return printable(text) if record.name.startswith("mitokeras") else printable_lines(text)

    def formatException(self, ei: Any) -> str:
        return printable_lines(super().formatException(ei))
