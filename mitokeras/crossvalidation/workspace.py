"""The folder of a cross-validation: the data once, a run for each fold, and one on all cases."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path

from mitokeras.crossvalidation.folds import Dealt, deal_cases
from mitokeras.data.fields import Field
from mitokeras.data.store import Store
from mitokeras.disk.files import atomic_path
from mitokeras.disk.records import Record
from mitokeras.errors import ConfigError, DataError
from mitokeras.run.folder import RunFolder
from mitokeras.run.record import RunSettings
from mitokeras.train.prepare import RunData
from mitokeras.train.workspace import TrainingWorkspace


class Settings(Record):
    """What was asked for.

    Attributes:
        folds: Number of folds.
        run: Settings of every run.
    """

    folds: int
    run: RunSettings


class Workspace(TrainingWorkspace[Settings]):
    """A cross-validation on disk.

    Args:
        root: Its folder.
        settings: What was asked for.
    """

    what = "cross-validation"
    settings_file = "crossvalidation-settings.json"
    settings_type = Settings

    def __init__(self, root: Path, settings: Settings) -> None:
        super().__init__(root, settings)
        self.table_file = root / "crossvalidation.md"
        self.final = RunFolder(root / "final", settings.run)
        self.folds = [
            RunFolder(root / f"fold_{number}", settings.run)
            for number in range(1, settings.folds + 1)
        ]

    @property
    def run_settings(self) -> RunSettings:
        return self.settings.run

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
        self.store_data(self._check)
        for run in self.runs:
            if not run.finished:
                run.checkpoints.mkdir(parents=True, exist_ok=True)
            if not run.store_file.exists():
                _link(self.data_run.store_file, run.store_file)

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
        if not self.data_run.store_file.is_file():
            shutil.rmtree(self.root)

    def data(self, store: Store, run: RunFolder) -> RunData:
        """Which fields a run learns from; the others are its test fields."""
        own = self.folds.index(run) if run in self.folds else -1
        folds = deal_cases(
            [Dealt(f.source, f.case, len(f.figures)) for f in store.fields],
            self.settings.folds,
            self.settings.run.config.seed,
        )
        return RunData(
            store=store,
            splits=tuple("test" if fold == own else "train" for fold in folds),
            notes=self.notes,
        )


def _link(source: Path, target: Path) -> None:
    """Give a file a second name, or copy it where the disk cannot."""
    try:
        os.link(source, target)
    except OSError:
        with atomic_path(target) as partial:
            shutil.copy(source, partial)
