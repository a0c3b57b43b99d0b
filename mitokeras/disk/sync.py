"""Bringing files to the disk itself, so that a power cut finds them whole or not at all."""

from __future__ import annotations

import errno
import os
from pathlib import Path

_POSIX = os.name == "posix"
_UNKNOWN = {errno.EINVAL, errno.ENOTSUP, errno.EACCES, errno.EBADF}
"""What file systems that know no such thing answer."""


def sync_file(path: Path) -> None:
    """Wait until the content of a file is on the disk, where the file system knows such a thing.

    Raises:
        OSError: It does not get there, such as on a disk that is full.
    """
    # Windows syncs only what may be written.
    _sync(path, os.O_RDONLY if _POSIX else os.O_RDWR)


def sync_folder(path: Path) -> None:
    """Wait until the names in a folder are on the disk. Raises as `sync_file`."""
    if _POSIX:  # elsewhere folders cannot be opened
        _sync(path, os.O_RDONLY)


def sync_tree(root: Path) -> None:
    """Wait until a folder is on the disk with all that is in it. Raises as `sync_file`."""
    for name, _, files in os.walk(root):
        for file in files:
            sync_file(Path(name, file))
        sync_folder(Path(name))


def _sync(path: Path, flags: int) -> None:
    file = os.open(path, flags)
    try:
        os.fsync(file)
    except OSError as error:
        if error.errno not in _UNKNOWN:
            raise
    finally:
        os.close(file)
