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
from mitokeras.watch.about_file import AboutFile
from mitokeras.watch.names import key

Status = Literal["done", "failed"]

_LOCK_S = 60  # a state is read and written in milliseconds


class Entry(AboutFile):
    """What became of one slide.

    Attributes:
        status: "failed" is set aside.
        reason: Why it failed; empty when it did not.
        when: ISO 8601, UTC.
    """

    status: Status
    reason: str
    when: str


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
        """What is known, by `key` of the name; empty before the first slide.

        A file that is empty, as after a power cut, counts as none: results that are there are
        found again.

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
            slides = {**self._load(), key(name): entry}
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
        if self._path.is_dir():
            raise DataError(
                f"{self._path}: the state of a watcher must be a file. Received: a folder"
            )
        if not self._path.exists() or not self._path.stat().st_size:
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
