"""Reading ahead: the disk and the JPEG decoder work while the network does."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Generator, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

Place = TypeVar("Place")
Window = TypeVar("Window")

THREADS = 2
AHEAD = 8


def read_ahead(
    read: Callable[[Place], Window], places: Iterable[Place]
) -> Generator[Window, None, None]:
    """Give what `read` gives for each place, in order, at most `AHEAD` of them ahead of use.

    Close it before what `read` reads from is closed: until then its threads may be reading.

    Args:
        read: Called in `THREADS` threads.
        places: Where to read.

    Raises:
        Exception: What `read` raises, when its place is reached.
    """
    waiting: deque[Future[Window]] = deque()
    pool = ThreadPoolExecutor(THREADS, thread_name_prefix="read-ahead")
    try:
        for place in places:
            waiting.append(pool.submit(read, place))
            if len(waiting) > AHEAD:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    finally:
        pool.shutdown(cancel_futures=True)
