"""Plain folders: images/ and masks/, at the top or in train/, validation/ and test/."""

from __future__ import annotations

from pathlib import Path

from mitokeras.data.fields import DataSet
from mitokeras.data.readers.pairs import PairFolders, has_pairs, read_pairs

LOOKS_FOR = "images/ and masks/ side by side"

NAMES = PairFolders(images=("images",), masks=("masks",))


def recognises(root: Path) -> bool:
    """Whether images/ and masks/ lie side by side in the folder or below."""
    return has_pairs(root, NAMES)


def read(root: Path, spacing_um_px: float | None) -> DataSet:
    """Every image of images/ with the mask of its name."""
    return read_pairs(root, spacing_um_px, "folders", NAMES)
