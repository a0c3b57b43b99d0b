"""What is finished of a slide that is not: a folder of results, so that a restart goes on there."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from mitokeras.disk.files import atomic_path, read_json, write_json
from mitokeras.errors import ModelError

Result = TypeVar("Result")

REQUEST_FILE = "request.json"


class Journal:
    """The results of one slide's tasks on disk, each written when it is there.

    A result is a dataclass of arrays and scalars. A result that cannot be read, as after a power
    cut, counts as not there.

    Args:
        folder: Its own; what is in it for another request is removed.
        request: What was asked for, as JSON.
    """

    def __init__(self, folder: Path, request: Any) -> None:
        self.folder = folder
        self._request = request
        try:
            known = read_json(folder / REQUEST_FILE)
        except ModelError:
            known = None
        if known != request and folder.exists():
            shutil.rmtree(folder)  # raises where it cannot: another slide's results must not stay

    def load(self, name: str, record: type[Result]) -> Result | None:
        try:
            with (
                (self.folder / f"{name}.npz").open("rb") as file,
                np.load(file, allow_pickle=False) as values,
            ):
                arrays = dict(values)
            return record(**{key: v.item() if v.ndim == 0 else v for key, v in arrays.items()})
        except Exception:  # a damaged archive raises what it likes
            return None

    def save(self, name: str, result: Any) -> None:
        if not self.folder.exists():
            self.folder.mkdir(parents=True)
            write_json(self.folder / REQUEST_FILE, self._request)
        with atomic_path(self.folder / f"{name}.npz") as partial:
            np.savez(partial, **vars(result))

    @staticmethod
    def drop(folder: Path) -> None:
        """Remove the journal of a slide that is finished."""
        shutil.rmtree(folder, ignore_errors=True)
