"""`watch` is killed, and started again on the same folders."""

import json
import shutil
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from mitokeras.watch.attempts import DEATHS
from tests.faults.kills import (
    Victim,
    every_so_many_changes,
    kill_at_changes,
    kill_until_done,
    numbers_of_kills,
)

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="no SIGKILL there")


def watch(inbox: Path, model: Path) -> Callable[[Path], tuple[object, ...]]:
    return lambda trial: (
        "watch", inbox, "--model", model, "--threads", 1, "--out", trial / "out",
        "--settle-s", 0, "--patience-s", 5, "--once",
    )  # fmt: skip


def settled(name: str, content: bytes) -> object:
    """Without the time at which a slide was done."""
    if name != "watch.json":
        return content
    state = json.loads(content)
    for entry in state["slides"].values():
        entry.pop("when")
    return state


@numbers_of_kills(in_ci=3)
def test_the_outputs_are_those_of_an_undisturbed_run(
    scans: Path, tflite_bundle: Path, tmp_path: Path, kills: int
) -> None:
    # Once more, each time at the same place, and the slide would be set aside.
    victim = Victim(watch(scans, tflite_bundle), "out", settled, most_kills=DEATHS - 1)
    toll = kill_until_done(victim, tmp_path, kills)
    assert toll.kills >= kills
    for logs in toll.logs:
        lines = [line for log in logs for line in log.splitlines()]
        done = Counter(line.split(" done ")[1].split(":")[0] for line in lines if " done " in line)
        assert set(done.values()) <= {1}


@every_so_many_changes
def test_no_gap_between_two_changes(
    scans: Path, tflite_bundle: Path, tmp_path: Path, step: int
) -> None:
    inbox = tmp_path / "inbox"
    inbox.mkdir()
    shutil.copy(scans / "day 1" / "a.svs", inbox)
    victim = Victim(watch(inbox, tflite_bundle), "out", settled)
    assert kill_at_changes(victim, tmp_path, step) >= 30 // step
