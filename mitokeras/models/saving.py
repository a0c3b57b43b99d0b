"""Writing `.keras` files that are the same byte by byte for the same model."""

from __future__ import annotations

import json
import re
import zipfile
from pathlib import Path

import keras

from mitokeras.disk.files import atomic_path


def save_model(model: keras.Model, path: Path) -> None:
    """Save a model, atomically and without what differs from one process to the next.

    Keras writes the date of saving and memory addresses into the archive; without them, two
    trainings with one seed give files of one hash.
    """
    with atomic_path(path) as partial:
        dated = partial.with_name(f".{path.stem}.dated.keras")
        try:
            model.save(dated)
            with zipfile.ZipFile(dated) as full, zipfile.ZipFile(partial, "w") as lean:
                for name in sorted(full.namelist()):
                    data = full.read(name)
                    if name == "metadata.json":
                        metadata = json.loads(data)
                        metadata.pop("date_saved", None)
                        data = json.dumps(metadata).encode()
                    elif name == "config.json":
                        data = _numbered(data)
                    lean.writestr(zipfile.ZipInfo(name), data)
        finally:
            dated.unlink(missing_ok=True)


def _numbered(config: bytes) -> bytes:
    """Give shared objects the numbers 0, 1, ... in place of their memory addresses."""
    numbers: dict[bytes, int] = {}
    return re.sub(
        rb'("shared_object_id": )(\d+)',
        lambda found: found[1] + str(numbers.setdefault(found[2], len(numbers))).encode(),
        config,
    )
