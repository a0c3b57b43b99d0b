"""Who handles a slide: a lock that the operating system frees when its holder dies."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from mitokeras.watch.names import file_name


@contextmanager
def claim(folder: Path, name: str) -> Iterator[bool]:
    """Hold a slide for as long as the block runs.

    The lock files stay behind, empty: to remove one would let two hold it.

    Args:
        folder: Folder of the lock files, the same for all watchers.
        name: Name of the slide.

    Yields:
        Whether it is ours; False while another watcher, on this computer or another, has it.

    Raises:
        OSError: The folder is gone or cannot be written to.
    """
    folder.stat()  # the lock would make it, on the mount point of a drive that is away
    lock = FileLock(folder / f"{file_name(name)}.lock")
    try:
        lock.acquire(timeout=0)
    except Timeout:
        yield False
        return
    try:
        yield True
    finally:
        lock.release()
