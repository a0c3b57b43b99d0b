"""What libraries write to the terminal on their own."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def silent_stderr() -> Iterator[None]:
    """Send what C++ code writes to the standard error nowhere; no log level reaches it.

    TensorFlow and LiteRT greet there when they start. A program without a standard error is left
    as it is.
    """
    kept = _copy_of_stderr()
    if kept is None:
        yield
        return
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 2)
    try:
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)


def _copy_of_stderr() -> int | None:
    if sys.stderr is not None:
        sys.stderr.flush()
    try:
        return os.dup(2)
    except OSError:
        return None
