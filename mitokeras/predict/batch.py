"""The table and the page of all slides in an output folder, kept up to date."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

from mitokeras.counting.kept import (
    OUTDATED,
    OUTDATED_FILE,
    PREDICTION_FILE,
    prediction_folders,
)
from mitokeras.disk.files import atomic_path
from mitokeras.errors import DataError, MitokerasError, one_line
from mitokeras.predict.folder import OutputFolder
from mitokeras.report.batch.page import index_page
from mitokeras.report.batch.row import Row
from mitokeras.report.batch.table import COLUMNS, summary_table
from mitokeras.report.slide.outputs import OUTPUTS
from mitokeras.text import printable

SUMMARY_FILE, INDEX_FILE = "summary.csv", "index.html"

REST = 20
"""Between two writings while slides come, in terms of what the last one took."""

_OURS = {SUMMARY_FILE: ",".join(COLUMNS).encode(), INDEX_FILE: b'<!DOCTYPE html>\n<html lang="en">'}
"""First bytes of the files."""


class Batch:
    """The slides whose predictions lie in a folder, by whichever command they came there.

    Args:
        out: The folder that was given to `predict` or `watch`.

    Raises:
        DataError: In the place of the table or the page lies something else.
    """

    def __init__(self, out: Path) -> None:
        self._out = out
        self._rows: dict[Path, tuple[tuple[int, int], Row]] = {}
        self._written = self._took_s = 0.0
        self._check_ours()

    def keep_up(self, failures: Mapping[str, str]) -> bool:
        """The same as `write`, unless that has just been done: it takes longer with each slide.

        Returns:
            Whether the files are up to date.
        """
        begin = time.monotonic()
        if begin - self._written < REST * self._took_s:
            return False
        self.write(failures)
        self._written = time.monotonic()
        self._took_s = self._written - begin
        return True

    def write(self, failures: Mapping[str, str]) -> None:
        """Bring both files up to date.

        Args:
            failures: Slides that have failed, and why; what an earlier version of such a slide
                gave is not shown.

        Raises:
            DataError: As above.
            OSError: The folder cannot be written.
        """
        rows = {row.name: row for row in self._predicted()}
        for name, reason in failures.items():
            rows[printable(name)] = Row(printable(name), failure=printable(reason))
        shown = [rows[name] for name in sorted(rows)]
        self._check_ours()
        self._out.mkdir(parents=True, exist_ok=True)
        for name, content in (
            (SUMMARY_FILE, summary_table(shown)),
            (INDEX_FILE, index_page(shown)),
        ):
            if not self._holds(name, content):
                with atomic_path(self._out / name) as partial:
                    partial.write_bytes(content)

    def _holds(self, name: str, content: bytes) -> bool:
        path = self._out / name
        return path.is_file() and path.read_bytes() == content

    def _check_ours(self) -> None:
        for name, start in _OURS.items():
            if not _is_ours(self._out / name, start):
                raise DataError(
                    f"{self._out / name}: must be the file of that name that predict and watch "
                    "write. Received: another, which is not written over"
                )

    def _predicted(self) -> Iterator[Row]:
        """The slides that have results; a file that has not changed is read once."""
        known, self._rows = self._rows, {}
        for folder in prediction_folders(self._out):
            name = folder.relative_to(self._out).as_posix()
            path = folder / PREDICTION_FILE
            if (folder / OUTDATED_FILE).is_file():
                yield Row(printable(name), failure=OUTDATED)
                continue
            try:
                facts = path.stat()
                stamp = (facts.st_mtime_ns, facts.st_size)
                before = known.get(folder)
                row = before[1] if before and before[0] == stamp else self._read(folder, name)
            except (OSError, MitokerasError) as error:
                # Else another program has just taken it away.
                if os.path.lexists(path) or folder.is_symlink():
                    yield Row(printable(name), failure=one_line(error, path))
                continue
            self._rows[folder] = stamp, row
            yield row

    def _read(self, folder: Path, name: str) -> Row:
        prediction = OutputFolder(folder).kept().prediction
        files = {
            kind: f"{name}/{OUTPUTS[kind].file_name}"
            for kind in ("html", "thumbnail")
            if (folder / OUTPUTS[kind].file_name).is_file()
        }
        return Row(
            printable(name),
            prediction.changed(detections=()),
            report=files.get("html", ""),
            thumbnail=files.get("thumbnail", ""),
        )


def _is_ours(path: Path, start: bytes) -> bool:
    try:
        with path.open("rb") as file:
            return file.read(len(start)) == start
    except FileNotFoundError:
        return True
    except OSError as error:
        raise DataError(f"{path}: cannot be read: {error.strerror}") from error
