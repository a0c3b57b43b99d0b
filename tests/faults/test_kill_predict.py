"""`predict` is killed, and called again in the same words."""

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.faults.kills import (
    Victim,
    every_so_many_changes,
    kill_at_changes,
    kill_until_done,
    numbers_of_kills,
)

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="no SIGKILL there")


def predict(scans: Path, model: Path) -> Callable[[Path], tuple[object, ...]]:
    return lambda trial: (
        "predict", scans, "--model", model, "--threads", 1, "--out", trial / "out"
    )  # fmt: skip


@numbers_of_kills(in_ci=3)
def test_the_outputs_are_those_of_an_undisturbed_run(
    scans: Path, tflite_bundle: Path, tmp_path: Path, kills: int
) -> None:
    toll = kill_until_done(Victim(predict(scans, tflite_bundle), "out"), tmp_path, kills)
    assert toll.kills >= kills


@every_so_many_changes
def test_no_gap_between_two_changes(
    scans: Path, tflite_bundle: Path, tmp_path: Path, step: int
) -> None:
    victim = Victim(predict(scans / "day 1" / "a.svs", tflite_bundle), "out")
    assert kill_at_changes(victim, tmp_path, step) >= 25 // step
