"""`export` is killed, and called again in the same words."""

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.faults.kills import (
    Victim,
    kill_at_changes,
    kill_until_done,
    numbers_of_kills,
)

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="no SIGKILL there")


def export(run: Path) -> Callable[[Path], tuple[object, ...] | None]:
    def command(trial: Path) -> tuple[object, ...] | None:
        bundle = trial / "out" / "bundle"
        if bundle.exists():  # whole; the command refuses a folder that is in use
            return None
        return "export", run, "--format", "tflite", "--out", bundle

    return command


@numbers_of_kills(in_ci=1)
def test_the_bundle_is_that_of_an_undisturbed_export(
    finished_run: Path, tmp_path: Path, kills: int
) -> None:
    toll = kill_until_done(Victim(export(finished_run), "out"), tmp_path, kills)
    assert toll.kills >= kills


@pytest.mark.soak
def test_no_gap_between_two_changes(finished_run: Path, tmp_path: Path) -> None:
    assert kill_at_changes(Victim(export(finished_run), "out"), tmp_path, step=1) >= 1
