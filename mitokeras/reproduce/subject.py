"""What the pictures of a detector show: its answers on test fields."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from mitokeras.data.stored_field import StoredField
from mitokeras.detect.detector import FieldDetector
from mitokeras.errors import ConfigError, ModelError
from mitokeras.export.trained.trained import open_run
from mitokeras.reproduce.experiments import EXPERIMENTS
from mitokeras.reproduce.reproduce import remark, reproduce
from mitokeras.reproduce.workspace import Workspace
from mitokeras.score.scored_field import ScoredField
from mitokeras.train.answers import AnsweredField


@dataclass(eq=False)
class Subject:
    """A detector and what it says.

    Attributes:
        name: What it is, in words.
        detector: Both stages at their thresholds.
        fields: The completely labelled test fields of its own data, while their store is open.
    """

    name: str
    detector: FieldDetector
    fields: Sequence[StoredField]

    @cached_property
    def answered(self) -> list[AnsweredField]:
        """Its answers on all of them."""
        return [
            AnsweredField(field, ScoredField.of(field, self.detector.detect(field.image())))
            for field in self.fields
        ]

    @property
    def described(self) -> str:
        """Its name and thresholds, for a caption."""
        chosen = self.detector.spec.thresholds
        return (
            f"{self.name}, which accepts from {chosen.segmenter:g} on in stage 1 and from "
            f"{chosen.classifier:g} on in stage 2"
        )

    @property
    def made_of(self) -> str:
        """Hashes of the networks and the data."""
        spec = self.detector.spec
        return " ".join([spec.data_sha256, *(each.sha256 for each in spec.models.values())])


@contextmanager
def trained_here(workspace: Workspace) -> Iterator[Subject]:
    """SCMitosis of table 3, which is trained if it is not yet.

    Raises:
        ModelError: Its training fails.
    """
    (row,) = EXPERIMENTS["table3"].rows
    seed = workspace.settings.config.seed
    if workspace.score(row, seed) is None:
        shown = {each.name: each for each in reproduce(workspace, "table3").rows}
        if failure := shown[row.name].failure:
            raise ModelError(f"{row.name} of table 3, which it shows, has failed: {failure}")
    detector = FieldDetector.load(workspace.run(row, seed).root)
    with workspace.store() as store:
        fields = workspace.split(store).complete("test")
        name = f"{row.name} of table 3, seed {seed}{remark(workspace.settings)}"
        yield Subject(name, detector, fields)


@contextmanager
def finished_run(folder: Path, data: Path) -> Iterator[Subject]:
    """A run of `mitokeras fit` on its own test fields.

    Args:
        folder: The run.
        data: The data set that it must have been trained on.

    Raises:
        ModelError: There is no finished run; see `open_run`.
        ConfigError: It was trained on something else.
    """
    with open_run(folder) as trained:
        settings = trained.record.settings
        known = [Path(each) for each in settings.data] or [(folder / "synthetic").resolve()]
        if data.resolve() not in known:
            raise ConfigError(
                f"--run must be trained on {data}, whose test fields are shown. "
                f"Received: a run on {', '.join(map(str, known))}"
            )
        fields = [field for field in trained.fields("test") if field.complete]
        name = f"run {folder.resolve().name}, preset {settings.preset}"
        yield Subject(name, trained.detector(), fields)
