"""The folder of the benchmark: the data once, a run folder for each training set and seed."""

from __future__ import annotations

from typing import Annotated

import pydantic

from mitokeras.data.store import Store
from mitokeras.data.stored_field import StoredField
from mitokeras.disk.files import read_json
from mitokeras.disk.records import Record, parse
from mitokeras.errors import ConfigError
from mitokeras.reproduce.atypical.results import Int8Figures, TrainedFigures
from mitokeras.reproduce.atypical.sets import check_sets, set_of_each
from mitokeras.run.folder import RunFolder
from mitokeras.run.record import RunSettings
from mitokeras.train.workspace import TrainingWorkspace

FIGURES_FILE = "figures.json"
"""What a trained stage 3 says about the figures of the other sets."""
INT8_FILE = "int8.json"
"""The same of its int8 network."""

TARGET = "atypical"

Patterns = Annotated[tuple[str, ...], pydantic.Field(strict=False)]


class Settings(Record):
    """What all trainings of a workspace have in common.

    Attributes:
        budget: A name of `BUDGETS`.
        sets: For each set, patterns of the names of its cases.
        run: Settings of every training, but for the seed.
    """

    budget: str
    sets: dict[str, Patterns]
    run: RunSettings


class Workspace(TrainingWorkspace[Settings]):
    """The benchmark on disk."""

    what = "benchmark of atypical figures"
    settings_file = "atypical-settings.json"
    settings_type = Settings

    @property
    def run_settings(self) -> RunSettings:
        return self.settings.run

    def prepare(self) -> None:
        """Store the data sets, once, for all trainings.

        Raises:
            DataError: A data set breaks a rule, or has changed since; see `check_sets` as well.
            ConfigError: The configuration holds cases out itself.
        """
        data = self.settings.run.config.data
        if data.test_cases or data.validation_cases:
            raise ConfigError(
                "data.test_cases and data.validation_cases must be empty: each set is tested on "
                "whole"
            )
        self.store_data(lambda fields: check_sets(fields, self.settings.sets))

    def fields_of_sets(self, store: Store) -> dict[str, list[StoredField]]:
        """The fields of each set."""
        sets = set_of_each([field.case for field in store.fields], self.settings.sets)
        return {
            name: [field for field, own in zip(store.fields, sets, strict=True) if own == name]
            for name in self.settings.sets
        }

    def run(self, trained: str, seed: int) -> RunFolder:
        """The run folder of a training set and a seed."""
        settings = self.settings.run
        settings = settings.changed(config=settings.config.changed(seed=seed))
        return RunFolder(self.root / "trained" / f"{trained}-{seed}", settings)

    def figures(self, trained: str, seed: int) -> TrainedFigures | None:
        """What a training has given; None where it is still to be done."""
        path = self.run(trained, seed).root / FIGURES_FILE
        return parse(TrainedFigures, read_json(path)) if path.is_file() else None

    def int8(self, trained: str, seed: int) -> Int8Figures | None:
        """What its int8 network gives; None where it is still to be made."""
        path = self.run(trained, seed).root / INT8_FILE
        return parse(Int8Figures, read_json(path)) if path.is_file() else None
