"""The run folder: what lies where, and how a run is begun, reopened and closed."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

from mitokeras import __version__
from mitokeras.data.known_tissue import TISSUE_FILE
from mitokeras.data.stain_range import STAIN_FILE
from mitokeras.disk.files import read_json, write_json
from mitokeras.disk.records import parse
from mitokeras.errors import ConfigError, ModelError
from mitokeras.run.record import RUN_FILE, RunRecord, RunSettings


class RunFolder:
    """A run on disk.

    Args:
        root: The run's folder.
        settings: What was asked for.
    """

    def __init__(self, root: Path, settings: RunSettings) -> None:
        self.root = root
        self.settings = settings
        self.store_file = root / "store.h5"
        self.synthetic_folder = root / "synthetic"
        self.checkpoints = root / "checkpoints"
        self.start_folder = self.checkpoints / "start"
        self.figures = root / "figures"
        self.segmenter_file = root / "segmenter.keras"
        self.classifier_file = root / "classifier.keras"
        self.subtyper_file = root / "subtyper.keras"
        self.metrics_file = root / "metrics.json"
        self.history_file = root / "history.csv"
        self.report_file = root / "report.html"
        self.tissue_file = root / TISSUE_FILE
        self.stain_file = root / STAIN_FILE
        self.run_file = root / RUN_FILE

    @classmethod
    def begin(
        cls,
        root: Path,
        settings: RunSettings,
        keep: Callable[[RunFolder], None] | None = None,
    ) -> RunFolder:
        """Make a new run.

        Args:
            root: The run's folder, new or empty.
            settings: What was asked for.
            keep: Puts what the run starts from into its `start_folder`.

        Raises:
            ConfigError: The folder is in use.
        """
        run = cls(root, settings)
        # A program that was killed before it wrote its settings has begun no run.
        there = set(root.iterdir()) if root.is_dir() else set()
        used = not there <= {run.checkpoints} or run._settings_file.exists()
        if used or (root.exists() and not root.is_dir()):
            raise ConfigError(
                f"{root}: --out must be a new or empty folder; an unfinished run goes on with "
                "--resume"
            )
        run.checkpoints.mkdir(parents=True, exist_ok=True)
        if keep is not None:
            keep(run)
        write_json(run._settings_file, settings.to_json())
        return run

    @classmethod
    def reopen(cls, root: Path) -> RunFolder:
        """Open a run to go on with it, finished or not.

        Raises:
            ModelError: There is none, or another version of mitokeras began it.
        """
        run = cls.open(root)
        if run.finished:  # where a kill came between
            shutil.rmtree(run.checkpoints, ignore_errors=True)
        if run.settings.version != __version__:
            raise ModelError(
                f"{root}: a run must be resumed by the version that began it. "
                f"Received: {run.settings.version} began it, this is {__version__}"
            )
        return run

    @classmethod
    def open(cls, root: Path) -> RunFolder:
        """Open a run that was begun, finished or not.

        Raises:
            ModelError: There is none, or its settings cannot be read.
        """
        finished, begun = root / RUN_FILE, root / "checkpoints" / "settings.json"
        if not finished.is_file() and not begun.is_file():
            raise ModelError(f"{root}: there is no run")
        path = finished if finished.is_file() else begun
        values = read_json(path)
        if path == finished:
            values = values.get("settings") if isinstance(values, dict) else None
        try:
            return cls(root, parse(RunSettings, values))
        except ConfigError as error:
            raise ModelError(f"{path}: {error}") from error

    @property
    def dataset(self) -> str:
        """What it was trained on, by name."""
        names = [Path(folder).name for folder in self.settings.data]
        return ", ".join(names) or "synthetic fields"

    @property
    def finished(self) -> bool:
        return self.run_file.is_file()

    def close(self, record: RunRecord) -> None:
        """Write `run.json`, which makes the run a finished one, and drop the checkpoints."""
        write_json(self.run_file, record.to_json())
        shutil.rmtree(self.checkpoints)

    @property
    def _settings_file(self) -> Path:
        return self.checkpoints / "settings.json"
