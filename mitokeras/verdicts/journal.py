"""A reader's verdicts on disk: lines are appended, each on the disk before it counts as said."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

from mitokeras.disk.locks import sole_writer
from mitokeras.disk.records import parse
from mitokeras.disk.sync import sync_folder
from mitokeras.errors import ConfigError, DataError, reason_of
from mitokeras.verdicts.events import AnyEvent, Event, Head, Mark, Undo

WAIT_S = 5.0
"""So long another program that writes to the slide's folder is waited for."""

Events = Sequence[Mark | Undo]


class Journal:
    """The lines of one reader on one slide, whichever programs write them.

    A line that has no end is one that a kill has cut off before it was said to be kept; it counts
    as never written. A line that is broken otherwise is damage, and the file is left as it is.

    Args:
        path: The file; need not exist.
        head: What its first line is, or has to be.
    """

    def __init__(self, path: Path, head: Head) -> None:
        self.path = path
        self._head = head
        self._thread = threading.Lock()
        self._file: tuple[int, int] | None = None
        self._read_bytes = 0
        self._lines = 0
        self._events: list[Mark | Undo] = []

    def events(self) -> Events:
        """All lines but the first, in their order; none before the first verdict.

        Raises:
            DataError: The file is damaged, of another reader or slide, or of another version.
        """
        with self._thread:
            return self._up_to_date()

    def append(self, say: Callable[[Events], Sequence[Event]]) -> Events:
        """Write lines to the disk, after whatever other programs have written.

        Args:
            say: Gets the lines so far and gives those to write. What it raises is raised here,
                and nothing is written.

        Returns:
            All lines.

        Raises:
            DataError: As `events`.
            OSError: They are not on the disk, such as on a full one, or another program writes
                to the slide's folder for long; the file is as it was.
        """
        with self._thread, sole_writer(self.path.parent, WAIT_S):
            said = [line.model_dump_json() for line in say(self._up_to_date())]
            if said:
                self._write(said)
            return self._up_to_date()

    def _write(self, said: list[str]) -> None:
        is_new = not self._lines
        text = [*([self._head.model_dump_json()] if is_new else []), *said, ""]
        with self.path.open("ab", buffering=0) as file:
            if file.tell() > self._read_bytes:  # what has no end was never said to be kept
                file.truncate(self._read_bytes)
            try:
                content = memoryview("\n".join(text).encode("utf-8"))
                while content:  # a disk that gets full takes a part before it refuses
                    content = content[file.write(content) or 0 :]
                os.fsync(file.fileno())
            except OSError:
                with suppress(OSError):
                    file.truncate(self._read_bytes)
                raise
        if is_new:
            sync_folder(self.path.parent)

    def _up_to_date(self) -> Events:
        """Read what was written since the last call."""
        try:
            file = self.path.open("rb")
        except FileNotFoundError:
            self._forget()
            return ()
        with file:
            facts = os.fstat(file.fileno())
            here = facts.st_dev, facts.st_ino
            if here != self._file or facts.st_size < self._read_bytes:
                self._forget()
            self._file = here
            file.seek(self._read_bytes)
            content = file.read()
        whole = content[: content.rfind(b"\n") + 1]
        try:
            for line in whole.split(b"\n")[:-1]:
                self._take(line)
        except DataError:
            self._forget()
            raise
        self._read_bytes += len(whole)
        return tuple(self._events)

    def _take(self, line: bytes) -> None:
        number = self._lines + 1
        try:
            values = json.loads(line)
            if number == 1:
                self._check_head(parse(Head, values))
            else:
                self._events.append(parse(AnyEvent, values).root)
        except (ValueError, RecursionError, ConfigError) as error:
            reason = reason_of(error)
            raise DataError(
                f"{self.path}: line {number} must be one that a review wrote; mend it, or move the "
                f"file away to begin anew. {reason}"
            ) from error
        self._lines = number

    def _check_head(self, head: Head) -> None:
        if head != self._head:
            raise DataError(
                f"{self.path}: must be the review of {_words(self._head)}. "
                f"Received: that of {_words(head)}"
            )

    def _forget(self) -> None:
        self._file, self._read_bytes, self._lines, self._events = None, 0, 0, []


def line_number(index: int) -> int:
    """The line of the file in which an event of `Journal.events` stands, from 1 on."""
    return index + 2


def _words(head: Head) -> str:
    return f"{head.image} of {head.width_px} x {head.height_px} px by {head.reviewer}"
