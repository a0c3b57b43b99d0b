"""What a slide's files hold, told apart without reading all of a slide of several GB."""

from __future__ import annotations

import hashlib
from pathlib import Path

from mitokeras.slides.footprint import files_of

PARTS, PART_BYTES = 8, 65_536
"""Of each file so many parts of so many bytes are read, at equal distances: the first, the last and
six between; a file that is no longer than all of them, whole."""


def content_sha256(path: Path) -> str:
    """SHA-256 of the sizes of a slide's files and of parts of them, which copies of it share.

    The names of the files do not count, as DICOM's are any.

    Args:
        path: The slide, whose files are those of `footprint`.

    Raises:
        OSError: One of the files is gone or may not be read.
    """
    found = sorted(_sha256(file) for file in files_of(path))
    return hashlib.sha256(b"".join(found)).hexdigest()


def _sha256(path: Path) -> bytes:
    with path.open("rb") as file:
        size_bytes = file.seek(0, 2)
        digest = hashlib.sha256(size_bytes.to_bytes(8, "big"))
        if size_bytes <= PARTS * PART_BYTES:
            file.seek(0)
            digest.update(file.read())
        else:
            for part in range(PARTS):
                file.seek(part * (size_bytes - PART_BYTES) // (PARTS - 1))
                digest.update(file.read(PART_BYTES))
    return digest.digest()
