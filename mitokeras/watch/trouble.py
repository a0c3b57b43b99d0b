"""Whose fault it is when a slide could not be handled."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from pathlib import Path

from mitokeras.errors import one_line

_FULL = {errno.ENOSPC, errno.EDQUOT}
_DENIED = {errno.EACCES, errno.EPERM, errno.EROFS}
_PROBE_BYTES = 1 << 16


class OutTrouble(Exception):
    """The output folder takes no results at present: full, read-only, gone or in use."""


def out_trouble(error: Exception, out: Path, locks: Path) -> OutTrouble | None:
    """What is wrong with the output folder, or None where the slide is to blame.

    Args:
        error: What the work on the slide ended with.
        out: The output folder, resolved.
        locks: A folder in it, to try to write in.
    """
    for cause in _causes(error):
        if isinstance(cause, OSError) and (
            cause.errno in _FULL or (cause.errno in _DENIED and _inside(cause, out))
        ):
            return OutTrouble(one_line(cause, out))
    try:
        _probe(locks)
    except OSError as probed:
        return OutTrouble(one_line(probed, out))
    return None


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def _inside(error: OSError, out: Path) -> bool:
    """Whether the error names a path in the output folder, such as a table open in Excel."""
    return any(
        Path(os.fsdecode(name)).resolve().is_relative_to(out)
        for name in (error.filename, error.filename2)
        if isinstance(name, str | bytes | os.PathLike)
    )


def _probe(folder: Path) -> None:
    path = folder / f"probe.{os.getpid()}"
    try:
        path.write_bytes(bytes(_PROBE_BYTES))
    finally:
        path.unlink(missing_ok=True)
