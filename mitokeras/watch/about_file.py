"""Records about a slide's file as it was at some time."""

from __future__ import annotations

from mitokeras.disk.records import Record
from mitokeras.slides.footprint import Footprint


class AboutFile(Record):
    """What holds for a slide as long as its file does not change.

    Attributes:
        size_bytes: Size of the slide then.
        mtime_ns: Last change of the slide then.
    """

    size_bytes: int
    mtime_ns: int

    def covers(self, footprint: Footprint) -> bool:
        """Whether this is about the file as it is now, not about one it has replaced."""
        return Footprint(self.size_bytes, self.mtime_ns).is_that_of(footprint)
