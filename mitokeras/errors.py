"""What a user can cause. The command line turns each into one line and exit code 1.

A message names the file, states the rule, then says what came. Anything else that is raised
is a bug and shows its trace.
"""

from __future__ import annotations

import errno
from collections.abc import Iterator

from mitokeras.text import printable

LONGEST_LINE = 2000
"""Characters of a message, which may quote a whole file."""

_OF_MEMORY = (
    "(-4:Insufficient memory)",
    "std::bad_alloc",
    "can't start new thread",
    "failed to map segment",
    "failed to prepare",
    "failed to reshape runtime",
)
"""In the messages of OpenCV, other libraries in C++, Python, whose threads need memory, the loader
of shared libraries, and LiteRT's XNNPACK."""


class MitokerasError(Exception):
    """Base of all errors a user can cause and mend."""


class DataError(MitokerasError):
    """An image, mask, label file or data set breaks a rule."""


class ConfigError(MitokerasError):
    """A configuration or preset has an unknown key, a wrong type or a value out of range."""


class ModelError(MitokerasError):
    """A run, bundle or weights file is missing, incomplete, changed or of another version."""


class TrainingError(MitokerasError):
    """Training cannot go on, for example because the loss is not finite."""


class MissingExtraError(MitokerasError):
    """A command needs packages of an extra that is not installed."""

    def __init__(self, extra: str, purpose: str) -> None:
        super().__init__(
            f"{purpose} needs the '{extra}' extra. Install it: pip install 'mitokeras[{extra}]'"
        )


def reason_of(error: BaseException) -> str:
    """The message of an error on one line, or the name of its class where it has none."""
    return " ".join(str(error).split()) or type(error).__name__


def causes(error: BaseException | None) -> Iterator[BaseException]:
    """An error, what it came from, and so on."""
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def wants_memory(error: BaseException) -> bool:
    """Whether an error came from want of memory on this computer."""
    return any(
        isinstance(cause, MemoryError)
        or (isinstance(cause, OSError) and cause.errno == errno.ENOMEM)
        or any(text in str(cause) for text in _OF_MEMORY)
        for cause in causes(error)
    )


def one_line(error: Exception, place: object = None) -> str:
    """What to tell the user of an error that they can cause; `printable`.

    Args:
        error: A MitokerasError, or an OSError of a disk or a permission.
        place: What was being written or read, for an OSError that names no file.
    """
    if not isinstance(error, OSError):
        text = printable(reason_of(error))
        return text if len(text) <= LONGEST_LINE else f"{text[:LONGEST_LINE]} ..."
    reason = error.strerror or reason_of(error)
    where = error.filename or place
    return printable(f"{where}: {reason}" if where else reason)
