"""The folder of a cross-validation: the data once, a run for each fold, and one on all cases."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated

import pydantic

from mitokeras.crossvalidation.folds import Dealt, deal_cases, held_out_by
from mitokeras.data.fields import Field
from mitokeras.data.store import Store
from mitokeras.disk.files import atomic_path
from mitokeras.disk.records import Record
from mitokeras.errors import ConfigError, DataError
from mitokeras.run.folder import RunFolder
from mitokeras.run.record import RunSettings
from mitokeras.train.prepare import RunData
from mitokeras.train.workspace import TrainingWorkspace

Patterns = Annotated[tuple[str, ...], pydantic.Field(strict=False)]
"""Patterns of the names of the cases that one fold holds out."""


class Settings(Record):
    """What was asked for.

    Attributes:
        folds: Number of folds.
        hold_out: For each fold, patterns of the names of the cases that it holds out; empty to
            deal the cases of each data set out.
        run: Settings of every run.
    """

    folds: int
    hold_out: Annotated[tuple[Patterns, ...], pydantic.Field(strict=False)] = ()
    run: RunSettings

    @property
    def method(self) -> str:
        """What each fold holds out, and how it is scored, in sentences."""
        held_out = (
            "; ".join(", ".join(patterns) for patterns in self.hold_out) + " were held out in turn"
            if self.hold_out
            else f"The cases of each data set were dealt out to {self.folds} folds"
        )
        return (
            f"{held_out}. Each fold's fields were scored by networks that were trained without "
            "them, at thresholds chosen on what the other folds hold out."
        )

    def held_out(self, fields: Sequence[Dealt]) -> list[int | None]:
        """The fold that holds each field out, counted from 0; None for fields that all train on.

        Raises:
            DataError: See `deal_cases` and `held_out_by`.
        """
        if self.hold_out:
            return held_out_by(fields, self.hold_out)
        return deal_cases(fields, self.folds, self.run.config.seed)


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
        folds = self.settings.held_out(
            [Dealt(f.source, f.case, 1 if f.mask else len(f.figures)) for f in fields]
        )
        scored = {
            fold
            for fold, f in zip(folds, fields, strict=True)
            if f.complete and (f.mask or f.figures)
        }
        if scored <= {None}:
            raise DataError(
                "a cross-validation must have a data set whose mitotic figures are all labelled, "
                "and hold a figure of it out (data.sources, complete). Received: none"
            )

    def data(self, store: Store, run: RunFolder) -> RunData:
        """Which fields a run learns from; the others are its test fields."""
        own = self.folds.index(run) if run in self.folds else -1
        folds = self.settings.held_out(
            [Dealt(f.source, f.case, len(f.figures)) for f in store.fields]
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
