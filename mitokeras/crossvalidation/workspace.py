"""The folder of a cross-validation: the data once, a run for each fold, and one on all cases."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from mitokeras.crossvalidation.folds import deal_cases
from mitokeras.data.store import Store
from mitokeras.errors import ConfigError, ModelError
from mitokeras.files import read_json, write_json
from mitokeras.fit.data import RunData, prepare_store
from mitokeras.fit.run import RunFolder, RunSettings
from mitokeras.records import Record, parse

SETTINGS_FILE = "settings.json"
RESULT_FILE = "crossvalidation.json"
"""In the folder of the final run."""


class Settings(Record):
    """What was asked for.

    Attributes:
        folds: How many.
        run: Of every run.
    """

    folds: int
    run: RunSettings


class Workspace:
    """A cross-validation on disk.

    Args:
        root: Its folder.
        settings: Of it.
    """

    def __init__(self, root: Path, settings: Settings) -> None:
        self.root = root
        self.settings = settings
        self.table_file = root / "crossvalidation.md"
        self.final = RunFolder(root / "final", settings.run)
        self.folds = [
            RunFolder(root / f"fold_{number}", settings.run)
            for number in range(1, settings.folds + 1)
        ]
        self._data = RunFolder(root / "data", settings.run)

    @classmethod
    def begin(cls, root: Path, settings: Settings) -> Workspace:
        """Make a workspace, or take up one that was begun with the same settings.

        Raises:
            ConfigError: The folder holds something else, or was begun with other settings.
        """
        path = root / SETTINGS_FILE
        if not cls.lies_in(root):
            if root.exists() and (not root.is_dir() or any(root.iterdir())):
                raise ConfigError(f"{root}: --out must be new, empty, or of an earlier call")
            root.mkdir(parents=True, exist_ok=True)
            write_json(path, settings.model_dump(mode="json"))
        found = cls.open(root)
        if found.settings != settings:
            raise ConfigError(f"{root}: was begun with other settings; choose another --out")
        return found

    @classmethod
    def lies_in(cls, root: Path) -> bool:
        return (root / SETTINGS_FILE).is_file()

    @classmethod
    def open(cls, root: Path) -> Workspace:
        """Raises ModelError where there is none."""
        path = root / SETTINGS_FILE
        if not cls.lies_in(root):
            raise ModelError(f"{root}: there is no cross-validation")
        try:
            return cls(root, parse(Settings, read_json(path)))
        except ConfigError as error:
            raise ModelError(f"{path}: {error}") from error

    @property
    def runs(self) -> Iterator[RunFolder]:
        """Those of the folds, then the one on all cases."""
        yield from (*self.folds, self.final)

    def prepare(self) -> None:
        """Store the data sets, once, for all runs.

        Raises:
            DataError: A data set breaks a rule, or has changed since.
        """
        self._data.root.mkdir(exist_ok=True)
        notes = prepare_store(self._data)
        write_json(self._data.root / "notes.json", list(notes))
        for run in self.runs:
            run.checkpoints.mkdir(parents=True, exist_ok=True)
            if not run.store_file.exists():
                _link(self._data.store_file, run.store_file)

    def store(self) -> Store:
        return Store(self._data.store_file)

    def data(self, store: Store, run: RunFolder) -> RunData:
        """Which fields a run learns from; the others are its test fields."""
        own = self.folds.index(run) if run in self.folds else -1
        folds = deal_cases(store.fields, self.settings.folds, self.settings.run.config.seed)
        return RunData(
            splits=tuple("test" if fold == own else "train" for fold in folds),
            completeness=tuple(field.complete for field in store.fields),
            notes=tuple(read_json(self._data.root / "notes.json")),
        )


def _link(source: Path, target: Path) -> None:
    """Give a file a second name, or copy it where the disk cannot."""
    try:
        os.link(source, target)
    except OSError:
        shutil.copy(source, target)
