"""Writing `.keras` files that are the same byte by byte for the same model."""

from __future__ import annotations

import json
import re
import zipfile
from pathlib import Path

import keras
import numpy as np

from mitokeras.disk.files import atomic_path

DROPPED_BITS = 14
"""Of the 24 of a float32's mantissa."""


def rounded(model: keras.Model) -> keras.Model:
    """The network with its weights to 10 significant bits, in place.

    They stay float32, and `save_model` packs them to 0.4 of what they took.
    """
    least = np.uint32(1 << DROPPED_BITS)
    model.set_weights(
        [
            ((each.view(np.uint32) + least // 2) & ~(least - 1)).view(np.float32)
            for each in model.get_weights()
        ]
    )
    return model


def save_model(model: keras.Model, path: Path, *, packed: bool = False) -> None:
    """Save a model, atomically and without what differs from one process to the next.

    Keras writes the date of saving and memory addresses into the archive; without them, two
    trainings with one seed give files of one hash.

    Args:
        model: A network.
        path: A `.keras` file.
        packed: With bzip2, which takes weights that are `rounded` to 0.8 of what the deflate of a
            wheel does.
    """
    packing = zipfile.ZIP_BZIP2 if packed else zipfile.ZIP_STORED
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
                    lean.writestr(zipfile.ZipInfo(name), data, packing)
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
