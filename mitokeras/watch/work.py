"""The work on one slide, so that it is done exactly once whoever else watches."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from pathlib import Path

from mitokeras.errors import MitokerasError, one_line
from mitokeras.text import printable
from mitokeras.watch.claims import claim
from mitokeras.watch.inbox import Sight
from mitokeras.watch.state import State
from mitokeras.watch.stopping import Stop
from mitokeras.watch.trouble import out_trouble

logger = logging.getLogger("mitokeras.watch")


class Work:
    """What is done with slides, and the record of it in the output folder.

    Args:
        out: Made if it does not exist.
        handle: See `mitokeras.watch.watcher.watch`.
        opens: See `mitokeras.watch.watcher.watch`.
        stop: A signal ends `handle` through it.
        patience_s: So long may an unchanged slide fail to open.

    Attributes:
        set_aside: Number of slides so far.

    Raises:
        OSError: `out` cannot be made.
    """

    def __init__(
        self,
        out: Path,
        handle: Callable[[Path, str], str],
        opens: Callable[[Path], object],
        stop: Stop,
        patience_s: float,
    ) -> None:
        self._out = out
        self._handle = handle
        self._opens = opens
        self._stop = stop
        self._patience_s = patience_s
        self._locks = out / ".watch"
        self._locks.mkdir(parents=True, exist_ok=True)
        self._state = State(out / "watch.json", self._locks / "state.lock")
        self._begun: set[Sight] = set()
        self.set_aside = 0

    def left(self, sights: Iterable[Sight]) -> list[Sight]:
        """The slides of which nothing is recorded yet. Raises as `State.read`."""
        known = self._state.read()
        return [
            sight
            for sight in sights
            if not ((entry := known.get(printable(sight.name))) and entry.covers(sight.footprint))
        ]

    def take(self, sight: Sight, unchanged_s: float) -> bool:
        """Handle a slide, or set it aside, unless somebody else does.

        Args:
            sight: A slide that has settled.
            unchanged_s: Seconds since it changed last.

        Returns:
            Whether nothing is left to be done; False when it is not ready, or has changed again.

        Raises:
            OutTrouble: The output folder does not take its results.
            OSError: The lock or the record cannot be written or is out of reach.
            DataError: The state file is broken.
            Stopped: By a signal.
        """
        with claim(self._locks, sight.name) as ours:
            if not ours or not self.left([sight]):
                return True
            try:
                path = sight.entrance()
                self._opens(path)
                # Opening a file makes a network drive say its true size and time, which it
                # otherwise may keep from us for up to a minute.
                if not sight.holds():
                    return False
            except Exception as error:
                return unchanged_s >= self._patience_s and self._fail(sight, error)
            if sight not in self._begun:  # nor again at each trial on a full disk
                logger.info("predicting %s", printable(sight.name))
            self._begun.add(sight)
            try:
                with self._stop.interruptible():
                    line = self._handle(path, sight.name)
            except Exception as error:
                return self._fail(sight, error)
            self._state.record(sight.name, sight.footprint, "done")
            self._begun.discard(sight)
            logger.info("done %s: %s", printable(sight.name), printable(line))
            return sight.holds()

    def _fail(self, sight: Sight, error: Exception) -> bool:
        """Set a slide aside if it is to blame; raises and returns as `take`."""
        trouble = out_trouble(error, self._out, self._locks)
        if trouble is not None:
            raise trouble from error
        self._begun.discard(sight)
        if not sight.holds():  # not written to its end after all, or its drive is gone
            return False
        expected = isinstance(error, MitokerasError | OSError)
        reason = one_line(error, sight.path) if expected else repr(error)
        self._state.record(sight.name, sight.footprint, "failed", reason)
        self.set_aside += 1
        # A bug that one slide shows leaves its trace, and does not hold up the others.
        logger.warning(
            "set aside %s: %s",
            printable(sight.name),
            printable(reason),
            exc_info=None if expected else error,
        )
        return True
