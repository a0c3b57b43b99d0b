"""The folder of several trainings on the same data, which are stored once."""

from __future__ import annotations

import shutil
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import ClassVar, Generic, Self, TypeVar

from mitokeras.data.fields import Field
from mitokeras.data.store import Store
from mitokeras.disk.files import read_json, write_json
from mitokeras.disk.records import Record, parse
from mitokeras.errors import ConfigError, ModelError
from mitokeras.run.folder import RunFolder
from mitokeras.run.record import RunSettings
from mitokeras.train.prepare import prepare_store

Settings = TypeVar("Settings", bound=Record)


class TrainingWorkspace(ABC, Generic[Settings]):
    """Several trainings on disk.

    Args:
        root: Their folder.
        settings: What they have in common.
    """

    what: ClassVar[str]
    """The kind of trainings, in words."""

    settings_file: ClassVar[str]
    settings_type: type[Settings]

    def __init__(self, root: Path, settings: Settings) -> None:
        self.root = root
        self.settings = settings
        self.data_run = RunFolder(root / "data", self.run_settings)

    @property
    @abstractmethod
    def run_settings(self) -> RunSettings:
        """Settings of a run on the data that all share."""

    @classmethod
    def begin(cls, root: Path, settings: Settings) -> Self:
        """Make a workspace, or take up one that was begun with the same settings.

        Raises:
            ConfigError: The folder holds something else, or was begun with other settings.
        """
        if not cls.lies_in(root):
            if root.exists() and (not root.is_dir() or any(root.iterdir())):
                raise ConfigError(f"{root}: --out must be new, empty, or of an earlier call")
            root.mkdir(parents=True, exist_ok=True)
            write_json(root / cls.settings_file, settings.to_json())
        found = cls.open(root)
        begun = _by_name(found.settings)
        for name, value in _by_name(settings).items():
            if begun[name] != value:
                raise ConfigError(f"{root}: was begun with another {name}; choose another --out")
        return found

    @classmethod
    def lies_in(cls, root: Path) -> bool:
        return (root / cls.settings_file).is_file()

    @classmethod
    def open(cls, root: Path) -> Self:
        """Raises ModelError where there is none."""
        path = root / cls.settings_file
        if not cls.lies_in(root):
            raise ModelError(f"{root}: there is no {cls.what}")
        try:
            return cls(root, parse(cls.settings_type, read_json(path)))
        except ConfigError as error:
            raise ModelError(f"{path}: {error}") from error

    def store_data(self, check: Callable[[Sequence[Field]], None]) -> None:
        """Store the data sets, once, for all trainings.

        Args:
            check: Looks at the fields before hours of copying.

        Raises:
            DataError: A data set breaks a rule, or has changed since.
        """
        self.data_run.root.mkdir(exist_ok=True)
        notes = prepare_store(self.data_run, check)
        write_json(self.data_run.root / "notes.json", list(notes))

    def drop_empty(self) -> None:
        """Remove the folder where the data are not even stored."""
        if not self.data_run.store_file.is_file():
            shutil.rmtree(self.root)

    def store(self) -> Store:
        return Store(self.data_run.store_file)

    @property
    def notes(self) -> tuple[str, ...]:
        """What reading the data sets had to say."""
        return tuple(read_json(self.data_run.root / "notes.json"))


def _by_name(settings: Record) -> dict[str, object]:
    """Each setting by its name, those of a run as well."""
    values = {name: getattr(settings, name) for name in type(settings).model_fields}
    run = values.pop("run", None)
    return values if run is None else {**values, **_by_name(run)}
