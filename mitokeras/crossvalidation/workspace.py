"""The folder of a cross-validation: the data once, a run for each fold, and one on all cases."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path

from mitokeras.crossvalidation.folds import Dealt, deal_cases
from mitokeras.data.fields import Field
from mitokeras.data.store import Store
from mitokeras.disk.files import atomic_path, read_json, write_json
from mitokeras.disk.records import Record, parse
from mitokeras.errors import ConfigError, DataError, ModelError
from mitokeras.run.folder import RunFolder, RunSettings
from mitokeras.train.prepare import RunData, prepare_store

SETTINGS_FILE = "crossvalidation-settings.json"
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

    def of_run(self) -> list[tuple[str, object]]:
        """Each setting by its name."""
        return [
            ("folds", self.folds),
            *((name, getattr(self.run, name)) for name in RunSettings.model_fields),
        ]


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
        for name, own in settings.of_run():
            if dict(found.settings.of_run())[name] != own:
                raise ConfigError(f"{root}: was begun with another {name}; choose another --out")
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
            DataError: A data set breaks a rule, or has changed since; or its cases are too few.
            ConfigError: The configuration holds cases out itself.
        """
        config = self.settings.run.config
        if config.data.test_cases or config.data.validation_cases:
            raise ConfigError(
                "data.test_cases and data.validation_cases must be empty: a cross-validation holds "
                "each case out once"
            )
        self._data.root.mkdir(exist_ok=True)
        notes = prepare_store(self._data, self._check)
        write_json(self._data.root / "notes.json", list(notes))
        for run in self.runs:
            if not run.finished:
                run.checkpoints.mkdir(parents=True, exist_ok=True)
            if not run.store_file.exists():
                _link(self._data.store_file, run.store_file)

    def _check(self, fields: Sequence[Field]) -> None:
        folds = deal_cases(
            [Dealt(f.source, f.case, 1 if f.mask else len(f.figures)) for f in fields],
            self.settings.folds,
            self.settings.run.config.seed,
        )
        if {fold for fold, f in zip(folds, fields, strict=True) if f.complete} - {None} == set():
            raise DataError(
                "a cross-validation must have a data set whose mitotic figures are all labelled "
                "(data.sources, complete). Received: none"
            )

    def drop_empty(self) -> None:
        """Remove the folder where the data are not even stored."""
        if not self._data.store_file.is_file():
            shutil.rmtree(self.root)

    def store(self) -> Store:
        return Store(self._data.store_file)

    def data(self, store: Store, run: RunFolder) -> RunData:
        """Which fields a run learns from; the others are its test fields."""
        own = self.folds.index(run) if run in self.folds else -1
        folds = deal_cases(
            [Dealt(f.source, f.case, len(f.figures)) for f in store.fields],
            self.settings.folds,
            self.settings.run.config.seed,
        )
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
        with atomic_path(target) as partial:
            shutil.copy(source, partial)
