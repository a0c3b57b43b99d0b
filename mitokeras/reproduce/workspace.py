"""The folder of the experiments on one data set: the data once, a folder for each row."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from mitokeras import __version__
from mitokeras.data.store import Store
from mitokeras.disk.files import read_json
from mitokeras.disk.records import Record, parse
from mitokeras.reproduce.experiments import Row
from mitokeras.reproduce.shares import with_share
from mitokeras.run.config import Config
from mitokeras.run.folder import RunFolder
from mitokeras.run.record import RunSettings
from mitokeras.train.prepare import RunData, split_store, splittable
from mitokeras.train.workspace import TrainingWorkspace

SCORE_FILE = "score.json"
"""The score of a row that is trained."""
FAILURE_FILE = "failure.json"
"""The reason why a row is not."""
CONVERTED_FILE = "tflite.json"
"""The TFLite files of a row's network."""

Precision = Literal["fp32", "int8"]
"""Of a network in LiteRT."""

PRECISIONS: tuple[Precision, ...] = ("fp32", "int8")


class Converted(Record):
    """What became of a row's network in TFLite.

    Attributes:
        sha256: Hash of the file of each precision that LiteRT runs.
        failures: Why there is none, by precision.
    """

    sha256: dict[Precision, str]
    failures: dict[Precision, str]


class RowScore(Record):
    """What a trained row gave on the test fields.

    Attributes:
        parameters: All weights of its network.
        macs: Multiply-accumulates of one 512 x 512 tile or one crop; None where the layers are not
            known.
        training_cases: Number of cases that it learned from.
        training_figures: Number of their mitotic figures.
        candidates_per_mm2: What stage 1 gives in the test fields.
        weights: What its network started from, in words; empty where that was not written down.
        thresholds: Thresholds chosen on the validation fields.
        cases: Case of each test field.
        counts: (tp, fp, fn) of each test field.
    """

    parameters: int
    macs: int | None
    training_cases: int
    training_figures: int
    candidates_per_mm2: float
    weights: str = ""
    thresholds: dict[str, float]
    cases: Annotated[tuple[str, ...], Field(strict=False)]
    counts: Annotated[
        tuple[Annotated[tuple[int, int, int], Field(strict=False)], ...], Field(strict=False)
    ]


class WorkspaceSettings(Record):
    """What all rows of a workspace have in common.

    Attributes:
        version: Version of mitokeras.
        data: Folder of the data set, absolute.
        layout: Layout that the user named, or None.
        spacing_um_px: Spacing that the user named, or None.
        budget: A name of `BUDGETS`.
        config: Configuration of every row, but for its model and seed.
        weights: First weights of classifiers by their name.
    """

    version: str = __version__
    data: str
    layout: str | None
    spacing_um_px: float | None
    budget: str
    config: Config
    weights: dict[str, str]


class Workspace(TrainingWorkspace[WorkspaceSettings]):
    """Experiments on disk."""

    what = "experiment"
    settings_file = "experiments.json"
    settings_type = WorkspaceSettings

    @property
    def run_settings(self) -> RunSettings:
        settings = self.settings
        return RunSettings(
            data=(settings.data,),
            layout=settings.layout,
            spacing_um_px=settings.spacing_um_px,
            preset="paper",
            config=settings.config,
        )

    @property
    def data_name(self) -> str:
        """Name of the data set."""
        return Path(self.settings.data).name

    def prepare(self) -> None:
        """Store the data set, once, and see that it can be split.

        Raises:
            DataError: It breaks a rule, or has changed since.
        """
        self.store_data(splittable(self.settings.config))
        with self.store() as store:
            self.split(store)

    def split(self, store: Store, share: float = 1.0) -> RunData:
        """The same for every row of a share, and every seed."""
        config = self.settings.config
        return with_share(split_store(store, config, self.notes), share, config.seed)

    def run(self, row: Row, seed: int) -> RunFolder:
        """The run folder of a row."""
        config = self.settings.config.updated({"seed": seed, row.kind: {"model": row.model}})
        if row.kind == "classifier" and row.model in self.settings.weights:
            changes = {"classifier": {"weights": self.settings.weights[row.model]}}
            config = config.updated(changes)
        settings = RunSettings(data=(self.settings.data,), preset="paper", config=config)
        name = f"{row.kind}-{_slug(row.model)}-{seed}"
        if row.share < 1:
            name += f"-{100 * row.share:g}percent"
        return RunFolder(self.root / "rows" / name, settings)

    def score(self, row: Row, seed: int) -> RowScore | None:
        """The score of a row that is trained; None of one that is not."""
        path = self.run(row, seed).root / SCORE_FILE
        return parse(RowScore, read_json(path)) if path.is_file() else None

    def converted(self, row: Row, seed: int) -> Converted | None:
        """The TFLite files of a row; None where they are still to be made."""
        path = self.run(row, seed).root / CONVERTED_FILE
        return parse(Converted, read_json(path)) if path.is_file() else None


def _slug(model: str) -> str:
    """A folder's name; that of a user's own function, whose characters are changed, with a hash."""
    name = re.sub(r"[^A-Za-z0-9_.-]", "_", model)
    return name if name == model else f"{name}-{hashlib.sha256(model.encode()).hexdigest()[:8]}"
