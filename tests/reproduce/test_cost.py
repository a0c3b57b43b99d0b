from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from mitokeras.reproduce import cost
from mitokeras.reproduce.budgets import SMOKE
from mitokeras.reproduce.cost import costs_of, timed
from mitokeras.reproduce.experiments import Row
from mitokeras.reproduce.results import Cost

SECONDS = [(900.0, 90.0), (1.0, 4.0), (2.0, 4.0), (3.0, 5.0), (700.0, 6.0), (2.5, 7.0)]
"""Of job a and job b in each turn."""


def readings() -> Iterator[float]:
    """What a clock shows before and after each job."""
    now = 0.0
    for turn in SECONDS:
        for taken in turn:
            yield now
            now += taken
            yield now


def test_medians_of_turns(monkeypatch: pytest.MonkeyPatch) -> None:
    """The first turn does not count, and one disturbed turn of five does not either."""
    clock = readings()
    monkeypatch.setattr(cost, "ROUNDS", 5)
    monkeypatch.setattr(cost, "time", SimpleNamespace(perf_counter=lambda: next(clock)))
    calls: list[str] = []
    found = timed(
        {("a", "fp32"): lambda: calls.append("a"), ("b", "int8"): lambda: calls.append("b")}
    )
    assert found == {("a", "fp32"): 2.5, ("b", "int8"): 5.0}
    assert calls == ["a", "b"] * 6


def test_both_stages_are_a_segmenter_and_as_many_crops_as_candidates(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    row = Row("mine", "classifier", "resnet34")
    files = {"segmenter": {"fp32": "a", "int8": "b"}, "classifier": {"fp32": "c"}}
    workspace: Any = SimpleNamespace(
        settings=SimpleNamespace(config=SMOKE),
        converted=lambda row, seed: SimpleNamespace(sha256=files[row.kind]),
        score=lambda row, seed: SimpleNamespace(candidates_per_mm2=200.0),
    )
    # 256 px of 0.25 um: 0.004096 mm2, in as many seconds; 32 crops in 0.32 s.
    seconds = {"segmenter paper": 0.004096, "classifier resnet34": 0.32}
    runs: list[Any] = []
    monkeypatch.setattr(cost, "_region", lambda _: np.zeros((256, 256, 3), np.uint8))
    monkeypatch.setattr(cost, "_job", lambda *_: None)
    monkeypatch.setattr(
        cost, "timed", lambda jobs: runs.append(jobs) or {job: seconds[job[0]] for job in jobs}
    )
    found = costs_of(workspace, [row], tmp_path / "cost.json")
    (own,) = found.seconds_per_mm2.values()
    assert own.fp32 == pytest.approx(1.0 + 200 * 0.01)
    assert own == Cost(fp32=own.fp32, int8=None)  # the classifier has no int8 file

    assert costs_of(workspace, [row], tmp_path / "cost.json") == found
    assert len(runs) == 1  # the same files are not timed again
    files["classifier"]["fp32"] = "d"
    costs_of(workspace, [row], tmp_path / "cost.json")
    assert len(runs) == 2
