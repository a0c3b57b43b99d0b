"""Whose fault it is when a slide could not be handled."""

from __future__ import annotations

import errno
import os
from pathlib import Path

from mitokeras.errors import causes, one_line, wants_memory

_FULL = {errno.ENOSPC, errno.EDQUOT}
_DENIED = {errno.EACCES, errno.EPERM, errno.EROFS}
_PROBE_BYTES = 1 << 16


class OutTrouble(Exception):
    """The output folder takes no results at present: full, read-only, gone or in use."""


class MemoryTrouble(Exception):
    """The computer has not enough memory for a slide at present."""


def trouble_of(
    error: Exception, slide: str, out: Path, locks: Path
) -> OutTrouble | MemoryTrouble | None:
    """What is wrong beside the slide, and may pass; None where the slide is to blame.

    Args:
        error: What the work on the slide ended with.
        slide: Its name.
        out: The output folder, resolved.
        locks: A folder in it, to try to write in.
    """
    if wants_memory(error):
        return MemoryTrouble(f"not enough memory on this computer for {slide}")
    for cause in causes(error):
        if isinstance(cause, OSError) and (
            cause.errno in _FULL or (cause.errno in _DENIED and _inside(cause, out))
        ):
            return OutTrouble(one_line(cause, out))
    try:
        _probe(locks)
    except OSError as probed:
        return OutTrouble(one_line(probed, out))
    return None


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
