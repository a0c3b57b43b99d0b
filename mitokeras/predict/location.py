"""Where a task finds its slide."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from mitokeras.slides import Slide
from mitokeras.slides.opening import open_slide


@dataclass(frozen=True)
class SlideFile:
    """A slide on disk.

    Attributes:
        path: The file, as the process that runs the task reaches it.
        spacing_um_px: Spacing to use instead of what the file states, or None.
        title: Its name in the outputs, where that is not the file's, as with folders.
        inbox_name: Its name in an inbox, which watchers on several computers reach by different
            paths.
    """

    path: Path
    spacing_um_px: float | None = None
    title: str = ""
    inbox_name: str = ""

    @property
    def name(self) -> str:
        return self.title or self.path.name

    @property
    def source(self) -> str:
        """What tells it from other slides of its name."""
        return self.inbox_name or str(self.path.resolve())

    def open(self) -> Slide:
        return open_slide(self.path, self.spacing_um_px)

    def __str__(self) -> str:
        return str(self.path)


@dataclass(frozen=True)
class SlideInMemory:
    """A slide that is open already."""

    slide: Slide
    name: str

    def open(self) -> Slide:
        return self.slide

    def __str__(self) -> str:
        return self.name


SlideLocation = SlideFile | SlideInMemory
