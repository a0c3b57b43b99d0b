"""What the libraries that decode images raise on damaged files, as one line that names the file."""

from __future__ import annotations

import logging
import struct
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from mitokeras.errors import DataError, reason_of

DAMAGE = (
    OSError,
    RuntimeError,
    ValueError,
    TypeError,
    LookupError,
    ArithmeticError,
    AttributeError,
    AssertionError,
    SyntaxError,
    EOFError,
    struct.error,
    zlib.error,
)
"""Seen of tifffile, imagecodecs and Pillow on damaged files, or possible: they check little."""

# What tifffile logs about a damaged file comes back as a DataError.
logging.getLogger("tifffile").setLevel(logging.CRITICAL)


@contextmanager
def damage(path: Path, what: str) -> Iterator[None]:
    """Raise a DataError in place of what the libraries raise.

    Args:
        path: The file, for the message.
        what: What cannot be done with it, such as "cannot be opened".
    """
    try:
        yield
    except DAMAGE as error:
        reason = "damaged" if isinstance(error, LookupError) else reason_of(error)
        raise DataError(f"{path}: {what}: {reason}") from error
