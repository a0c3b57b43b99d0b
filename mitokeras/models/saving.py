"""Writing `.keras` files that are the same byte by byte for the same model."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import keras

from mitokeras.files import atomic_path


def save_model(model: keras.Model, path: Path) -> None:
    """Save a model, atomically and without the time of day.

    Keras writes the date of saving into the archive; without it, two trainings with one seed
    give files of one hash.
    """
    with atomic_path(path) as partial:
        dated = partial.with_name(f".{path.stem}.dated.keras")
        try:
            model.save(dated)
            with zipfile.ZipFile(dated) as source, zipfile.ZipFile(partial, "w") as target:
                for name in sorted(source.namelist()):
                    data = source.read(name)
                    if name == "metadata.json":
                        metadata = json.loads(data)
                        metadata.pop("date_saved", None)
                        data = json.dumps(metadata).encode()
                    target.writestr(zipfile.ZipInfo(name), data)
        finally:
            dated.unlink(missing_ok=True)
