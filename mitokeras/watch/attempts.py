"""Slides that the program did not survive, noted on disk before each is opened."""

from __future__ import annotations

import uuid
from contextlib import suppress
from pathlib import Path
from typing import Annotated

from pydantic import Field

from mitokeras.disk.files import read_json, write_json
from mitokeras.disk.records import parse
from mitokeras.errors import ConfigError, ModelError
from mitokeras.slides.footprint import Footprint
from mitokeras.watch.about_file import AboutFile
from mitokeras.watch.names import file_name

DEATHS = 3
"""So often may the program end in the middle of a slide, each time no further than before."""

_SUFFIX = ".attempt"


class Attempt(AboutFile):
    """A slide that is in work, or was when the program ended.

    Attributes:
        program: Stands for the program that works on it.
        deaths: Programs that ended in the middle since it came further.
        reached: How far it came in any attempt.
    """

    program: str
    deaths: int = 0
    reached: Annotated[tuple[str, ...], Field(strict=False)] = ()


class Attempts:
    """The attempts that have not come to an end, one file each.

    Only who holds a slide's claim may begin, advance or end its attempt.

    Args:
        folder: Of the files, the same for all watchers.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._program = uuid.uuid4().hex

    def unended(self) -> set[str]:
        """`file_name` of each slide in work or that a program ended in."""
        return {path.stem for path in self._folder.glob(f"*{_SUFFIX}")}

    def begin(self, name: str, footprint: Footprint) -> int:
        """Note that a slide is about to be opened.

        Returns:
            How often the program has ended in the middle of it, each time no further than before.

        Raises:
            OSError: The folder cannot be written to.
        """
        new = Attempt(
            size_bytes=footprint.size_bytes, mtime_ns=footprint.mtime_ns, program=self._program
        )
        old = self._load(name)
        if old and old.covers(footprint):
            died = old.program != self._program  # else its end could not be noted
            new = new.changed(deaths=old.deaths + died, reached=old.reached)
        self._save(name, new)
        return new.deaths

    def advance(self, name: str, mark: str) -> None:
        """Note how far a slide has come, where no attempt came so far. Raises as `begin`."""
        attempt = self._load(name)
        if attempt and mark not in attempt.reached:
            self._save(name, attempt.changed(deaths=0, reached=(*attempt.reached, mark)))

    def end(self, name: str) -> None:
        """Note that the program has survived a slide."""
        with suppress(OSError):  # the output folder is away
            self._path(name).unlink(missing_ok=True)

    def _path(self, name: str) -> Path:
        return self._folder / f"{file_name(name)}{_SUFFIX}"

    def _load(self, name: str) -> Attempt | None:
        try:
            attempt: Attempt = parse(Attempt, read_json(self._path(name)))
        except (ConfigError, ModelError):  # none, or one that a power cut has spoiled
            return None
        return attempt

    def _save(self, name: str, attempt: Attempt) -> None:
        write_json(self._path(name), attempt.to_json())
