"""The wish to stop, and the waits that it ends."""

from __future__ import annotations

import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from queue import Empty, SimpleQueue
from types import FrameType

_SLICE_S = 0.5  # Windows does not run signal handlers while the main thread waits for a lock
_GAP_S = 1.0  # a scanner that writes raises thousands of notices a second


class Stopped(BaseException):
    """Ends the work on a slide in the middle; not an `Exception`, so that no work swallows it."""


class Stop:
    """Asks a loop to stop, and lets it wait until then.

    `threading.Event` will not do: a signal handler that sets it can find the event's own lock
    held by the thread it interrupted.

    Attributes:
        requested: The loop should end.
    """

    def __init__(self) -> None:
        self.requested = False
        self._calls: SimpleQueue[None] = SimpleQueue()  # its `put` may interrupt its `get`
        self._woken = False
        self._interruptible = False

    def request(self) -> None:
        """End the waits, and the loop when it looks next. Any thread may call it."""
        self.requested = True
        self._calls.put(None)

    def interrupt(self) -> None:
        """Do as `request`, from a signal handler: the slide in hand is given up as well.

        Raises:
            Stopped: The signal came inside `interruptible`; once for each such block.
        """
        self.request()
        if self._interruptible:
            self._interruptible = False
            raise Stopped

    @contextmanager
    def interruptible(self) -> Iterator[None]:
        """Mark work that a signal may end at any point.

        Raises:
            Stopped: A stop was or is requested by a signal.
        """
        try:
            self._interruptible = True
            if self.requested:  # since the loop looked last
                raise Stopped
            yield
        finally:
            self._interruptible = False

    def wake(self) -> None:
        """End `doze` early."""
        if not self._woken:
            self._woken = True
            self._calls.put(None)

    def pause(self, seconds: float) -> None:
        """Wait, unless a stop is requested."""
        end = time.monotonic() + seconds
        while not self.requested and (left := end - time.monotonic()) > 0:
            self._listen(left)

    def doze(self, seconds: float) -> None:
        """Wait, unless a stop is requested or, after a short while, `wake` was called."""
        end = time.monotonic() + seconds
        self.pause(min(seconds, _GAP_S))
        while not (self.requested or self._woken) and (left := end - time.monotonic()) > 0:
            self._listen(left)
        self._woken = False

    def _listen(self, seconds: float) -> None:
        with suppress(Empty):
            self._calls.get(timeout=min(seconds, _SLICE_S))


@contextmanager
def stop_on_signals() -> Iterator[Stop]:
    """Turn Ctrl-C and the operating system's wish to end the program into a `Stop`.

    Only the main thread may call it. The handlers of before are put back at the end.
    """
    stop = Stop()

    def handler(number: int, frame: FrameType | None) -> None:
        stop.interrupt()

    # SIGBREAK is what Windows sends on Ctrl-Break, and to a process group.
    names = [name for name in ("SIGINT", "SIGTERM", "SIGBREAK") if hasattr(signal, name)]
    before = {
        getattr(signal, name): signal.signal(getattr(signal, name), handler) for name in names
    }
    try:
        yield stop
    finally:
        for number, previous in before.items():
            signal.signal(number, previous)
