"""The file system's notices of new files, where it sends them."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from watchdog.observers.api import BaseObserver

logger = logging.getLogger(__name__)


class Notices:
    """Calls `wake` when something appears in a folder.

    Nothing depends on it: network drives send no notices, the number of watched folders is
    limited, and `watchdog` may be missing.

    Args:
        inbox: Watched with all folders in it.
        out: Changes inside are our own, and passed over.
        wake: Called from another thread.
    """

    def __init__(self, inbox: Path, out: Path, wake: Callable[[], None]) -> None:
        self._inbox = inbox
        self._out = out
        self._wake = wake
        self._observer: BaseObserver | None = None

    def start(self) -> None:
        """Listen from now on, if that is possible."""
        try:
            self._observer = self._listen()
        except (ImportError, OSError, RuntimeError) as error:  # no memory for its threads either
            logger.debug("%s: only polled: %s", self._inbox, error)

    def stop(self) -> None:
        """Listen no longer; the threads have ended when it returns."""
        if self._observer is not None:
            self._observer.stop()
            self._observer.join()
            self._observer = None

    def _listen(self) -> BaseObserver:
        from watchdog import events
        from watchdog.observers import Observer

        out, wake = self._out, self._wake

        class Handler(events.FileSystemEventHandler):
            def on_any_event(self, event: events.FileSystemEvent) -> None:
                where = Path(os.fsdecode(event.dest_path or event.src_path))
                if not where.is_relative_to(out):
                    wake()

        # Not those of reading: we read as well.
        kinds: list[type[events.FileSystemEvent]] = [
            events.FileCreatedEvent,
            events.FileMovedEvent,
            events.FileClosedEvent,
            events.DirCreatedEvent,
            events.DirMovedEvent,
        ]
        observer = Observer()
        observer.schedule(Handler(), str(self._inbox), recursive=True, event_filter=kinds)
        observer.start()
        return observer
