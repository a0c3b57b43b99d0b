"""Sections of a model card that a person writes: failures with pictures, stains, the recipe."""

from __future__ import annotations

import re
import shutil
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from mitokeras.errors import ConfigError

PICTURES = (".jpg", ".png")
"""Suffixes of pictures that a card can show."""

_PICTURE = re.compile(r"!\[[^\]]*\]\(([^)\s]*)[^)]*\)")


@dataclass(frozen=True)
class CardNotes:
    """What goes into the card, and the pictures that go beside it.

    Attributes:
        text: Markdown, sections of level 2.
        folder: Folder of the file that it was read from.
        pictures: Their paths in `folder`, and in the bundle.
    """

    text: str
    folder: Path
    pictures: tuple[PurePosixPath, ...]

    def copy_pictures(self, bundle: Path) -> None:
        for picture in self.pictures:
            (bundle / picture).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(self.folder / picture, bundle / picture)


def read_card_notes(path: Path) -> CardNotes:
    """Read a Markdown file and find the pictures that it shows.

    Raises:
        ConfigError: It is not such a file, or a picture is missing, elsewhere or of another format.
    """
    try:
        text = path.read_text(encoding="utf-8").strip()
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path}: must be text in UTF-8: {error}") from error
    if not text.startswith("## ") or re.search(r"^# ", text, re.MULTILINE):
        raise ConfigError(
            f"{path}: must hold sections of a model card, each under a heading of level 2 (##)"
        )
    pictures = tuple(dict.fromkeys(PurePosixPath(found) for found in _PICTURE.findall(text)))
    for picture in pictures:
        if picture.is_absolute() or ".." in picture.parts or picture.suffix not in PICTURES:
            raise ConfigError(
                f"{path}: a picture must be a {' or '.join(PICTURES)} file beside it or below. "
                f"Received: {picture}"
            )
        if not (path.parent / picture).is_file():
            raise ConfigError(f"{path}: shows {picture}, which is not there")
    return CardNotes(text, path.parent, pictures)
