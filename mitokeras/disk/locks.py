"""One writer of a file or folder at a time, among all programs."""

from __future__ import annotations

import errno
import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from filelock import FileLock, Timeout

logger = logging.getLogger(__name__)


@contextmanager
def sole_writer(path: Path, wait_s: float = 0) -> Iterator[None]:
    """Keep other programs that ask as well from writing to a place while the block runs.

    The lock is a file beside the place; the operating system frees it when its holder dies.
    Where no file can be locked, such as on some network drives, the block runs all the same.

    Args:
        path: A file or folder; need not exist. What is made for the lock is gone at the end.
        wait_s: So many seconds the other program is waited for.

    Raises:
        PermissionError: Another program is writing there.
    """
    place = path.resolve()
    file = place.parent / f".{place.name}.lock"
    made = [parent for parent in place.parents if not parent.exists()]
    lock = FileLock(file, thread_local=False)
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        lock.acquire(timeout=wait_s)
    except Timeout:
        raise PermissionError(errno.EACCES, "another program is writing there", str(path)) from None
    except (OSError, NotImplementedError) as error:
        logger.debug("%s: written without a lock: %s", path, error)
    try:
        yield
    finally:
        _release(lock, file)
        with suppress(OSError):  # results lie there
            for parent in made:
                parent.rmdir()


def _release(lock: FileLock, file: Path) -> None:
    if not lock.is_locked:
        return
    if os.name == "posix":  # while it is held, so that it is never another program's
        with suppress(OSError):
            file.unlink()
        lock.release()
    else:
        lock.release()
        with suppress(OSError):  # another program has it already
            file.unlink()
