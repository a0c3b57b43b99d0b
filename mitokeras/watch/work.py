"""The work on one slide, so that it is done exactly once whoever else watches."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from pathlib import Path
from typing import Protocol

from mitokeras.errors import DataError, MitokerasError, one_line
from mitokeras.text import printable
from mitokeras.watch.attempts import DEATHS, Attempts
from mitokeras.watch.claims import claim
from mitokeras.watch.inbox import Sight, result_names
from mitokeras.watch.names import file_name, key
from mitokeras.watch.state import Entry, State, Status
from mitokeras.watch.stopping import Stop
from mitokeras.watch.trouble import trouble_of

logger = logging.getLogger("mitokeras.watch")


STATE_FILE = "watch.json"

_OWN_FILES = (STATE_FILE, "index.html", "summary.csv")
"""Beside the folders of the slides."""

Handle = Callable[[Path, str, Callable[[str], None]], str]
"""Called with a slide and its name, its path below the inbox with slashes; writes the results into
`out/<name>/` and returns a line for the log. It goes on where it was interrupted, and returns at
once when the results of this very file are there. For a bad slide it raises MitokerasError or
OSError: the slide is set aside with the reason, until it changes.

Its third argument is to be called with how far it has come, in words, when what is finished is on
the disk: a slide in which the program ends several times without coming further is set aside."""


class Listing(Protocol):
    """A list of all slides in the output folder; both get those that are set aside, and why."""

    def keep_up(self, failures: Mapping[str, str]) -> bool:
        """Bring it up to date, unless that is too often; gives whether it is."""

    def write(self, failures: Mapping[str, str]) -> None:
        """Bring it up to date."""


class Work:
    """What is done with slides, and the record of it in the output folder.

    Args:
        out: Made if it does not exist.
        handle: See `Handle`.
        opens: See `mitokeras.watch.watcher.watch`.
        is_damaged: See `mitokeras.watch.watcher.watch`.
        listing: See `mitokeras.watch.watcher.watch`.
        stop: A signal ends `opens` and `handle` through it.
        patience_s: So long may an unchanged slide fail to open.

    Attributes:
        set_aside: Number of slides so far.

    Raises:
        OSError: `out` cannot be made.
    """

    def __init__(
        self,
        out: Path,
        handle: Handle,
        opens: Callable[[Path], object],
        is_damaged: Callable[[str], bool],
        listing: Listing | None,
        stop: Stop,
        patience_s: float,
    ) -> None:
        self._out = out
        self._handle = handle
        self._opens = opens
        self._is_damaged = is_damaged
        self._listing = listing
        self._is_listed = False
        self._stop = stop
        self._patience_s = patience_s
        self._locks = out / ".watch"
        self._locks.mkdir(parents=True, exist_ok=True)
        self._state = State(out / STATE_FILE, self._locks / "state.lock")
        self._attempts = Attempts(self._locks)
        self._begun: set[Sight] = set()
        self._whole: set[str] = set()
        self._over: set[str] = set()
        self.set_aside = 0

    def left(self, sights: Iterable[Sight]) -> list[Sight]:
        """The slides of which nothing is recorded yet, or whose results are damaged.

        Raises as `State.read`.
        """
        known = self._state.read()
        return [sight for sight in sights if not self._is_over(sight, known.get(key(sight.name)))]

    def survived_first(self, sights: Iterable[Sight]) -> list[Sight]:
        """The same slides, with those last that are in work or that a program ended in."""
        unended = self._attempts.unended()
        return sorted(sights, key=lambda sight: file_name(sight.name) in unended)

    def take(self, sight: Sight, unchanged_s: float) -> bool:
        """Handle a slide, or set it aside, unless somebody else does.

        Args:
            sight: A slide that has settled.
            unchanged_s: Seconds since it changed last.

        Returns:
            Whether nothing is left to be done; False when it is not ready, or has changed again.

        Raises:
            OutTrouble: The output folder does not take its results.
            MemoryTrouble: The computer has not enough memory for it.
            OSError: The lock or the record cannot be written or is out of reach.
            DataError: The state file is broken.
            Stopped: By a signal.
        """
        with claim(self._locks, sight.name) as ours:
            if not ours or not self.left([sight]):
                return True
            deaths = self._attempts.begin(sight.name, sight.footprint)
            try:
                if deaths >= DEATHS:
                    return self._fail(sight, DataError(_killed(deaths)))
                return self._attempt(sight, unchanged_s)
            finally:  # whatever is raised, the program has survived it
                self._attempts.end(sight.name)

    def _is_over(self, sight: Sight, entry: Entry | None) -> bool:
        if entry is None or not entry.covers(sight.footprint):
            return False
        if entry.status == "done" and sight.name not in self._whole:
            if any(map(self._is_damaged, result_names(sight.name, self._out))):
                return False
            self._whole.add(sight.name)  # nothing but a power cut spoils it, which ends us as well
        if sight.name not in self._over:
            self._over.add(sight.name)
            self._attempts.end(sight.name)  # where a kill came after the record
        return True

    def _attempt(self, sight: Sight, unchanged_s: float) -> bool:
        """Open a slide, then handle it; returns and raises as `take`."""
        try:
            _check_name(sight)
            with self._stop.interruptible():
                slide = sight.entrance()
                self._opens(slide.path)
            # Opening a file makes a network drive say its true size and time, which it
            # otherwise may keep from us for up to a minute.
            if not sight.holds():
                return False
        except Exception as error:
            return unchanged_s >= self._patience_s and self._fail(sight, error)
        if sight not in self._begun:  # nor again at each trial on a full disk
            logger.info("predicting %s", printable(slide.name))
        self._begun.add(sight)
        try:
            with self._stop.interruptible():
                reached = partial(self._attempts.advance, sight.name)
                line = self._handle(slide.path, slide.name, reached)
        except Exception as error:
            return self._fail(sight, error)
        self._record(sight, "done")
        self._whole.add(sight.name)
        self._begun.discard(sight)
        logger.info("done %s: %s", printable(slide.name), printable(line))
        return sight.holds()

    def list_all(self) -> None:
        """Bring the list of all slides up to date, where it is not.

        Raises:
            OSError: It cannot be written.
            DataError: The state file is broken, or something else lies in the list's place.
        """
        if self._listing is not None and not self._is_listed:
            self._listing.write(self._failed())
            self._is_listed = True

    def _record(self, sight: Sight, status: Status, reason: str = "") -> None:
        self._state.record(sight.name, sight.footprint, status, reason)
        if self._listing is not None:
            self._is_listed = False
            self._is_listed = self._listing.keep_up(self._failed())

    def _failed(self) -> dict[str, str]:
        known = self._state.read().items()
        return {
            own: entry.reason
            for name, entry in known
            if entry.status == "failed"
            for own in result_names(name, self._out) or [name]
        }

    def _fail(self, sight: Sight, error: Exception) -> bool:
        """Set a slide aside if it is to blame; raises and returns as `take`."""
        trouble = trouble_of(error, sight.name, self._out, self._locks)
        if trouble is not None:
            raise trouble from error
        self._begun.discard(sight)
        if not sight.holds():  # not written to its end after all, or its drive is gone
            return False
        expected = isinstance(error, MitokerasError | OSError)
        reason = one_line(error, sight.path) if expected else repr(error)
        self._record(sight, "failed", reason)
        self.set_aside += 1
        # A bug that one slide shows leaves its trace, and does not hold up the others.
        logger.warning(
            "set aside %s: %s",
            printable(sight.name),
            printable(reason),
            exc_info=None if expected else error,
        )
        return True


def _check_name(sight: Sight) -> None:
    """Refuse a slide whose results would lie in the place of one of the watcher's files."""
    folder = sight.name.partition("/")[0].casefold()
    if folder in _OWN_FILES:
        raise DataError(
            f"{sight.path}: a folder of the inbox must not have the name of one of the watcher's "
            f"own files. Received: {folder}"
        )


def _killed(deaths: int) -> str:
    return (
        f"the program ended {deaths} times in the middle of this slide, each time at the same "
        "place: it was killed, as for want of memory, or a decoder crashed"
    )
