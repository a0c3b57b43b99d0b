"""The threshold of a quantised stage 3."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from mitokeras.counting.atypical import Subtyping
from mitokeras.export.tflite.thresholds import resubtyped
from mitokeras.export.trained.trained import TrainedRun, open_run
from mitokeras.run.start import StartRecord

OF_RUN = Subtyping(threshold=0.125, chosen="by hand", sensitivity=0.5, specificity=0.5)
START = StartRecord(name="older", segmenter_sha256="a" * 64, classifier_sha256="b" * 64, origins=())


class Knowing:
    """A stage 3 that gives 0.7 to the figures of a field's right half, which `chosen` takes."""

    side_px = 32

    def __init__(self, trained: TrainedRun) -> None:
        fields = [*trained.fields("validation"), *trained.fields("test")]
        self.atypical = [name == "atypical" for field in fields for name in field.subtypes]

    def __call__(self, images: np.ndarray) -> np.ndarray:
        own, self.atypical = self.atypical[: len(images)], self.atypical[len(images) :]
        return np.where(own, 0.7, 0.3).astype(np.float32)


def test_it_is_chosen_and_measured_anew(subtyping_run: Path) -> None:
    with open_run(subtyping_run) as trained:
        found = resubtyped(trained, OF_RUN, Knowing(trained))
    assert 0.3 < found.threshold <= 0.7
    assert found.chosen == "by hand; anew for the quantised networks"
    assert (found.sensitivity, found.specificity) == (1, 1)


@pytest.mark.parametrize("why", ["a start", "few figures"])
def test_it_stays(subtyping_run: Path, why: str) -> None:
    with open_run(subtyping_run) as trained:
        record = trained.record
        if why == "a start":
            record = record.changed(settings=record.settings.changed(start=START))
        else:
            unseen = [f.changed(split="train") if f.split == "validation" else f
                      for f in record.fields]  # fmt: skip
            record = record.changed(fields=unseen)
        trained = replace(trained, record=record)
        found = resubtyped(trained, OF_RUN, Knowing(trained))
    assert (found.threshold, found.chosen) == (0.125, "by hand")
    assert (found.sensitivity, found.specificity) == (1, 0)  # at 0.125 all are called atypical
