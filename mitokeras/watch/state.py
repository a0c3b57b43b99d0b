"""What became of each slide: the file `watch.json`, which all watchers of a folder share."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from filelock import FileLock

from mitokeras.disk.files import atomic_path, read_json
from mitokeras.disk.records import Record, parse
from mitokeras.errors import ConfigError, DataError, ModelError
from mitokeras.slides.footprint import Footprint
from mitokeras.text import printable

Status = Literal["done", "failed"]

_LOCK_S = 60  # a state is read and written in milliseconds
_SAME_TIME_NS = 1_000_000  # one file's time differs by rounding between network file systems


class Entry(Record):
    """What became of one slide.

    Attributes:
        size_bytes: Size of the slide when it was handled.
        mtime_ns: Last change of the slide when it was handled.
        status: "failed" is set aside.
        reason: Why it failed; empty when it did not.
        when: ISO 8601, UTC.
    """

    size_bytes: int
    mtime_ns: int
    status: Status
    reason: str
    when: str

    def covers(self, footprint: Footprint) -> bool:
        """Whether this is about the file as it is now, not about one it has replaced."""
        return (
            self.size_bytes == footprint.size_bytes
            and abs(self.mtime_ns - footprint.mtime_ns) < _SAME_TIME_NS
        )


class _Slides(Record):
    version: Literal[1]
    slides: dict[str, Entry]


class State:
    """The slides that were handled, by name.

    Reads take the lock as well: Windows cannot replace a file that another process reads.

    Args:
        path: The JSON file.
        lock: The file whose lock guards it.
    """

    def __init__(self, path: Path, lock: Path) -> None:
        self._path = path
        self._lock = FileLock(lock, timeout=_LOCK_S)
        self._lock_folder = lock.parent

    def read(self) -> Mapping[str, Entry]:
        """What is known, by `printable` name; empty before the first slide.

        Raises:
            DataError: The file is not one that `record` wrote; it is left as it is.
            OSError: The file or its lock is out of reach.
        """
        with self._locked():
            return self._load()

    def record(self, name: str, footprint: Footprint, status: Status, reason: str = "") -> None:
        """Add or replace one slide's entry. Raises as `read`."""
        entry = Entry(
            size_bytes=footprint.size_bytes,
            mtime_ns=footprint.mtime_ns,
            status=status,
            reason=printable(reason),
            when=datetime.now(UTC).isoformat(timespec="seconds"),
        )
        with self._locked():
            slides = {**self._load(), printable(name): entry}
            text = _Slides(version=1, slides=slides).model_dump_json(indent=1)
            with atomic_path(self._path) as partial:
                partial.write_text(text, encoding="utf-8")

    @contextmanager
    def _locked(self) -> Iterator[None]:
        # The lock would make its folder, on the mount point of a drive that is away.
        self._lock_folder.stat()
        with self._lock:
            yield

    def _load(self) -> dict[str, Entry]:
        if not self._path.exists():
            return {}
        try:
            slides: dict[str, Entry] = parse(_Slides, read_json(self._path)).slides
        except (ConfigError, ModelError) as error:
            reason = str(error).removeprefix(f"{self._path}: ")
            raise DataError(
                f"{self._path}: not the state of a watcher; mend it, or move it away to have all "
                f"slides looked at again. {reason}"
            ) from error
        return slides
