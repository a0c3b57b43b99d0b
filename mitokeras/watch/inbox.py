"""What lies in the inbox, and which of it has been written to its end."""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from mitokeras.errors import DataError
from mitokeras.slides.folders import slides_below
from mitokeras.slides.footprint import DICOM, Footprint, footprint
from mitokeras.slides.inputs import Input, find_inputs
from mitokeras.text import printable
from mitokeras.watch.notices import Notices

logger = logging.getLogger("mitokeras.watch")


@dataclass(frozen=True)
class Sight:
    """A slide as it was when the inbox was looked through.

    Attributes:
        path: Where it lies; of DICOM's many files any.
        name: Its path below the inbox, with slashes; of DICOM its folder with "*.dcm", as the
            files of a slide come in any order.
        footprint: Then.
    """

    path: Path
    name: str
    footprint: Footprint

    def holds(self) -> bool:
        """Whether the slide is still there and unchanged."""
        try:
            return footprint(self.path) == self.footprint
        except DataError:
            return False

    def entrance(self) -> Input:
        """The file to open, of DICOM's many one that the reader knows, and the slide's name.

        Raises:
            DataError: The slide is gone.
        """
        if self.path.suffix.lower() != DICOM:
            return Input(self.path, self.name)
        folder = self.path.parent
        files = [each for each in sorted(folder.glob("*")) if each.suffix.lower() == DICOM]
        slides = find_inputs([each for each in files if each.is_file()])
        if len(slides) != 1:
            raise DataError(
                f"{folder}: a watched folder must hold one DICOM slide. Received: {len(slides)}"
            )
        return Input(slides[0].path, str(PurePosixPath(self.name).with_name(slides[0].name)))


def result_names(name: str, out: Path) -> list[str]:
    """The names that the results of a sight lie under in an output folder.

    Those of DICOM are called after their series: they are whichever lie where its folder's would.
    """
    path = PurePosixPath(name)
    if path.name != f"*{DICOM}":
        return [name]
    found = sorted((out / path.parent).glob(f"*{DICOM}"))
    return [str(path.with_name(each.name)) for each in found if each.is_dir()]


def superseded_names(name: str, out: Path) -> list[str]:
    """The names of earlier results of the slide whose results have this name.

    A DICOM slide that is scanned again in its folder has another series, and so another name.
    """
    path = PurePosixPath(name)
    if path.suffix.lower() != DICOM:
        return []
    return [each for each in result_names(str(path.with_name(f"*{DICOM}")), out) if each != name]


class Inbox:
    """A folder that may be away for a time, as network drives are.

    Args:
        folder: Looked through with all folders in it.
        out: What lies inside is no slide.
        notices: Notices of the same folder.
    """

    def __init__(self, folder: Path, out: Path, notices: Notices) -> None:
        self._folder = folder
        self._out = out
        self._notices = notices
        self._there: bool | None = None
        self._told: set[tuple[Path, str]] = set()

    def look(self) -> list[Sight] | None:
        """All slides, or None while the folder is away. Going and coming are logged once."""
        try:
            sights = self._sights()
        except OSError as error:
            if self._there is not False:
                reason = printable(error.strerror or str(error))
                logger.warning("waiting for %s: %s", printable(str(self._folder)), reason)
                self._notices.stop()
            self._there = False
            return None
        if not self._there:
            what = "watching" if self._there is None else "back again:"
            logger.info("%s %s", what, printable(str(self._folder)))
            self._notices.start()
        self._there = True
        return sights

    def close(self) -> None:
        self._notices.stop()

    def _sights(self) -> list[Sight]:
        with os.scandir(self._folder) as entries:  # its errors count; those further down do not
            next(entries, None)
        sights = []
        for path in _slides(self._folder, self._out, self._tell):
            try:
                name = path.relative_to(self._folder)
                if path.suffix.lower() == DICOM:
                    name = name.with_name(f"*{DICOM}")
                sights.append(Sight(path, name.as_posix(), footprint(path)))
            except DataError:  # moved away meanwhile, or a pipe
                continue
        return sights

    def _tell(self, path: Path, trouble: str) -> None:
        """Log once what is passed over."""
        if (path, trouble) not in self._told:
            self._told.add((path, trouble))
            logger.warning("passed over: %s: %s", printable(str(path)), printable(trouble))


def _slides(inbox: Path, out: Path, on_trouble: Callable[[Path, str], None]) -> list[Path]:
    """Slides as `find_inputs` names them, but whatever is wrong with one holds up no other.

    No file is opened, which the scanner may be writing: of DICOM's many files in a folder the
    first stands for the slide.
    """
    slides = []
    with_dicom: set[Path] = set()
    for path in slides_below(inbox, out, on_trouble):
        if path.suffix.lower() == DICOM:
            if path.parent in with_dicom or not path.is_file():
                continue
            with_dicom.add(path.parent)
        slides.append(path)
    return slides


class Settling:
    """For how long each slide has not changed.

    Args:
        settle_s: From then on it counts as written to its end.
    """

    def __init__(self, settle_s: float) -> None:
        self._settle_s = settle_s
        self._seen: dict[str, tuple[Footprint, float]] = {}

    def update(self, sights: Iterable[Sight]) -> dict[Sight, float]:
        """Take in what was seen now; a slide that is not among it is forgotten.

        Returns:
            The slides that have settled, with the seconds since each changed last.
        """
        now = time.monotonic()
        settled, seen = {}, {}
        for sight in sights:
            if sight.name not in self._seen:
                logger.info("found %s", printable(sight.name))
            before, since = self._seen.get(sight.name, (None, now))
            if before != sight.footprint:
                since = now
            seen[sight.name] = (sight.footprint, since)
            if now - since >= self._settle_s:
                settled[sight] = now - since
        self._seen = seen
        return settled
