"""What a model has learned from, as its run or bundle says: on that its scores say nothing."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

from mitokeras.data.known_tissue import TISSUE_FILE, KnownTissue
from mitokeras.data.shifts import Keypoints
from mitokeras.data.stain_range import STAIN_FILE, StainRange, read_stain_range
from mitokeras.disk.files import read_json, write_json
from mitokeras.errors import ModelError
from mitokeras.run.record import RUN_FILE, read_record

LEARNED_FILE = "learned_images.json"
"""In a bundle: a list of the SHA-256 of each image that its run trained or validated on."""


@dataclass(frozen=True, eq=False)
class Learned:
    """What a model was trained or validated on, and what its start was.

    Attributes:
        images: SHA-256 of each image file; None where the model does not say so.
        tissue: How the fields look; None likewise.
        stains: The range of their stains; None likewise.
    """

    images: frozenset[str] | None = None
    tissue: KnownTissue | None = None
    stains: StainRange | None = None

    def has_file(self, sha256: str) -> bool:
        """Whether an image file is one of those."""
        return self.images is not None and sha256 in self.images

    def has_tissue(self, keypoints: Keypoints) -> bool:
        """Whether a field shows some of that tissue."""
        return self.tissue is not None and self.tissue.is_shown_by(keypoints)


def read_learned(folder: Path) -> Learned:
    """Read it of a run or bundle.

    Raises:
        ModelError: A file of it is malformed.
    """
    tissue, stains = folder / TISSUE_FILE, folder / STAIN_FILE
    return Learned(
        _images(folder),
        KnownTissue.read(tissue) if tissue.is_file() else None,
        read_stain_range(stains) if stains.is_file() else None,
    )


def copy_learned(images: frozenset[str], model: Path, folder: Path) -> None:
    """Keep in a folder what a model has learned from, so that `read_learned` finds it there."""
    write_json(folder / LEARNED_FILE, sorted(images))
    shutil.copyfile(model / TISSUE_FILE, folder / TISSUE_FILE)
    if (model / STAIN_FILE).is_file():
        shutil.copyfile(model / STAIN_FILE, folder / STAIN_FILE)


def _images(folder: Path) -> frozenset[str] | None:
    path = folder / LEARNED_FILE
    if path.is_file():
        hashes = read_json(path)
        if not isinstance(hashes, list) or not all(isinstance(each, str) for each in hashes):
            raise ModelError(f"{path}: must list the images that were learned from")
        return frozenset(hashes)
    return frozenset(read_record(folder).learned) if (folder / RUN_FILE).is_file() else None
