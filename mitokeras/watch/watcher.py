"""The loop of `mitokeras watch`."""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path

from mitokeras.errors import DataError, one_line
from mitokeras.text import printable
from mitokeras.watch.inbox import Inbox, Settling, Sight
from mitokeras.watch.notices import Notices
from mitokeras.watch.stopping import Stop, Stopped
from mitokeras.watch.trouble import MemoryTrouble, OutTrouble
from mitokeras.watch.work import Handle, Listing, Work

logger = logging.getLogger("mitokeras.watch")

_LONGEST_WAIT_S = 60.0


def watch(
    inbox: Path,
    out: Path,
    handle: Handle,
    *,
    opens: Callable[[Path], object],
    is_damaged: Callable[[str], bool] = lambda name: False,
    listing: Listing | None = None,
    stop: Stop,
    once: bool = False,
    interval_s: float = 5,
    settle_s: float = 10,
    patience_s: float = 120,
) -> int:
    """Handle each slide under `inbox` exactly once, until `stop` is requested.

    What became of each slide is kept in `out/watch.json`, and a lock in `out/.watch` says that a
    slide is in work. So the work goes on after a restart, however the program ended, and several
    watchers, on several computers, may share the two folders. A slide that a new scan replaces is
    handled again. One that the program did not survive comes after the others. Nothing in the
    inbox is changed.

    Args:
        inbox: Looked through with all folders in it; while it is away it is waited for.
        out: Made if it does not exist. It may lie inside `inbox`.
        handle: Writes the results of a slide; see `Handle`.
        opens: Raises MitokerasError or OSError while the reader does not open a slide.
        is_damaged: Whether the results of this name are there but spoiled, as by a power cut;
            then the slide is handled again.
        listing: Lists all slides that lie in `out` or are set aside.
        stop: From `stop_on_signals`, or requested by another thread.
        once: Return when no slide is left to wait for.
        interval_s: Between two looks into the inbox.
        settle_s: A slide counts as written to its end when it has not changed for so long.
        patience_s: An unchanged slide that the reader does not open is set aside after so long.

    Returns:
        The number of slides that were set aside.

    Raises:
        DataError: The inbox is a file or lies in `out`, `watch.json` is broken, or with `once` the
            inbox is away, `out` takes no results or there is not enough memory.
        OSError: `out` cannot be made.
    """
    inbox, out = inbox.resolve(), out.resolve()
    _check(inbox, out)
    folder = Inbox(inbox, out, Notices(inbox, out, stop.wake))
    work = Work(out, handle, opens, is_damaged, listing, stop, patience_s)
    rounds = _Rounds(work, Settling(settle_s), stop)
    try:
        while not stop.requested:
            sights = folder.look()
            waiting = sights is None or rounds.go(sights)
            if once and _all_done(inbox, sights, rounds.trouble, waiting):
                break
            rounds.rest(interval_s)
    except Stopped:
        logger.info("interrupted; the slide in work goes on at the next start")
    finally:
        folder.close()
    logger.info("stopped")
    return work.set_aside


def _check(inbox: Path, out: Path) -> None:
    if inbox.is_file():
        raise DataError(f"{inbox}: the inbox must be a folder. Received: a file")
    if inbox.is_relative_to(out):  # overlays would be taken for slides
        raise DataError(f"{inbox}: the inbox must not be or lie in the output folder {out}")


def _all_done(inbox: Path, sights: list[Sight] | None, trouble: str, waiting: bool) -> bool:
    """Whether a watcher that shall end has nothing left; raises DataError where it cannot have."""
    if sights is None:
        raise DataError(f"{inbox}: the inbox must be a folder that can be read")
    if trouble:
        raise DataError(trouble)
    return not waiting


class _Rounds:
    """Rounds over the slides in sight, with longer rests while the output folder is in trouble.

    Attributes:
        trouble: Why the last round ended early; empty when it did not.
    """

    def __init__(self, work: Work, settling: Settling, stop: Stop) -> None:
        self._work = work
        self._settling = settling
        self._stop = stop
        self._put_off: dict[str, int] = {}
        self._rest_s = 0.0
        self.trouble = ""

    def go(self, sights: list[Sight]) -> bool:
        """Do what is ready; tell whether something is still to wait for."""
        try:
            waiting = self._go(sights)
        except MemoryTrouble as error:
            self._wait(printable(one_line(error)))
            return True
        except (OutTrouble, OSError) as error:
            self._wait(f"the output folder takes no results: {printable(one_line(error))}")
            return True
        if self.trouble:
            logger.info("going on")
        self.trouble = ""
        self._put_off.clear()
        return waiting

    def rest(self, interval_s: float) -> None:
        """Wait for the next round."""
        if self.trouble:
            self._rest_s = min(max(2 * self._rest_s, interval_s), _LONGEST_WAIT_S)
            self._stop.pause(self._rest_s)
        else:
            self._rest_s = 0.0
            self._stop.doze(interval_s)

    def _wait(self, trouble: str) -> None:
        if trouble != self.trouble:
            logger.warning("waiting: %s", trouble)
        self.trouble = trouble

    def _go(self, sights: list[Sight]) -> bool:
        left = self._work.left(sights)
        unchanged_s = self._settling.update(left)
        settled = self._work.survived_first(unchanged_s)
        # A slide whose own results are locked, such as by Excel, must not keep the others waiting.
        settled.sort(key=lambda sight: self._put_off.get(sight.name, 0))
        finished = 0
        short: MemoryTrouble | None = None
        for sight in settled:
            if self._stop.requested:
                break
            self._put_off[sight.name] = self._put_off.get(sight.name, 0) + 1
            try:
                finished += self._work.take(sight, unchanged_s[sight])
            except MemoryTrouble as error:  # a smaller slide may find enough
                short = error
        self._work.list_all()
        if short is not None:
            raise short
        return finished < len(left)
