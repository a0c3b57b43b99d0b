"""kill -9 at random moments or at chosen changes, until a command has come to its end."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.runs import PROGRAM, ROOT

KILLS_IN_SOAK = 50


def numbers_of_kills(in_ci: int) -> pytest.MarkDecorator:
    """Run a test with so many kills in CI, and with many in a soak."""
    few = pytest.param(in_ci, marks=pytest.mark.slow, id="few")
    many = pytest.param(KILLS_IN_SOAK, marks=pytest.mark.soak, id="many")
    return pytest.mark.parametrize("kills", [few, many])


every_so_many_changes = pytest.mark.parametrize(
    "step",
    [
        pytest.param(11, marks=pytest.mark.slow, id="some"),
        pytest.param(1, marks=pytest.mark.soak, id="each"),
    ],
)

TIMEOUT_S = 600
_LOOK_S = 0.002


@dataclass(frozen=True)
class Victim:
    """A command, and how to tell its results from what varies by itself.

    Attributes:
        command: Folder of a trial -> the command line that a user would give next by what lies
            there; None where there is nothing left to do.
        output: Its folder in that of the trial.
        settled: Name of a file below `output` and its content -> what must be the same in each
            undisturbed run; None where the content is free.
        most_kills: So often it is killed before it may come to its end.
    """

    command: Callable[[Path], tuple[object, ...] | None]
    output: str
    settled: Callable[[str, bytes], object] = lambda name, content: content
    most_kills: int = 8


@dataclass
class Toll:
    """What came of it.

    Attributes:
        kills: That hit the command before its end.
        trials: Times that it came to its end, each compared with the undisturbed one.
        undisturbed_s: Length of the undisturbed run.
        moments_s: Of the kills, after the start.
        logs: What the command said, a text for each start, a list for each trial.
    """

    kills: int = 0
    trials: int = 0
    undisturbed_s: float = 0.0
    moments_s: list[float] = field(default_factory=list)
    logs: list[list[str]] = field(default_factory=list)


def kill_until_done(victim: Victim, folder: Path, kills: int, seed: int = 1) -> Toll:
    """Compare a command that was killed so many times with one that was not.

    Each trial begins anew, is killed at moments drawn over what an undisturbed run takes from its
    first file on, and is started again each time, until it comes to its end.

    Raises:
        AssertionError: A start failed, or a trial ended with other files.
    """
    toll = Toll()
    whole = folder / "undisturbed"
    first_s, toll.undisturbed_s = _undisturbed(victim, whole)
    expected = contents(whole / victim.output, victim.settled)
    draw = random.Random(seed)
    while toll.kills < kills:
        trial = folder / f"trial_{toll.trials:03d}"
        trial.mkdir()
        left = min(victim.most_kills, kills - toll.kills)
        moments = [draw.uniform(0.9 * first_s, toll.undisturbed_s) for _ in range(left)]
        hit = _trial(victim, trial, moments)
        toll.kills += len(hit)
        toll.moments_s += hit
        toll.trials += 1
        toll.logs.append(_said(trial))
        _compare(victim, trial, expected, f"{trial}, killed after {hit} s")
    return toll


def kill_at_changes(victim: Victim, folder: Path, step: int) -> int:
    """Kill a command before each change to its files, once in a trial, and start it again.

    Args:
        victim: The command.
        folder: Of the trials.
        step: 1 for each change, 2 for the second, fourth and so on.

    Returns:
        The number of kills.

    Raises:
        AssertionError: As `kill_until_done`.
    """
    whole = folder / "undisturbed"
    whole.mkdir()
    command = victim.command(whole)
    assert command is not None
    process = begin(whole, command, 0, change=0)
    assert process.wait(TIMEOUT_S) == 0, _said(whole)
    expected = contents(whole / victim.output, victim.settled)
    changes = int(_said(whole)[0].rpartition("changes: ")[2])
    kills = 0
    for change in range(step, changes + 1, step):
        trial = folder / f"trial_{change:03d}"
        trial.mkdir()
        command = victim.command(trial)
        assert command is not None
        process = begin(trial, command, 0, change=change)
        process.wait(TIMEOUT_S)
        kills += process.returncode == -signal.SIGKILL
        command = victim.command(trial)
        if command is not None:
            process = begin(trial, command, 1)
            assert process.wait(TIMEOUT_S) == 0, _said(trial)
        _compare(victim, trial, expected, f"{trial}, killed before change {change}")
    return kills


def _compare(victim: Victim, trial: Path, expected: dict[str, object], when: str) -> None:
    found = contents(trial / victim.output, victim.settled)
    said = "\n".join(_said(trial))
    assert sorted(found) == sorted(expected), f"{when}: {said}"
    different = [name for name in expected if found[name] != expected[name]]
    assert not different, f"{when}, differs in {different}: {said}"


def contents(root: Path, settled: Callable[[str, bytes], object]) -> dict[str, object]:
    """Every file below a folder, hidden ones too, by its name; folders end with a slash."""
    names = {path: path.relative_to(root).as_posix() for path in sorted(root.rglob("*"))}
    return {
        name + "/" * path.is_dir(): None if path.is_dir() else settled(name, path.read_bytes())
        for path, name in names.items()
    }


def begin(
    trial: Path, command: tuple[object, ...], number: int, change: int | None = None
) -> subprocess.Popen:
    """Start `mitokeras` in a process group of its own; what it says goes to a file.

    Args:
        trial: Folder of the trial.
        command: Arguments.
        number: Of the start.
        change: To the folder, before which the program kills itself; 0 only counts them.
    """
    temporary = trial.parent / "tmp"
    temporary.mkdir(exist_ok=True, parents=True)
    program: list[object] = ["-c", PROGRAM]
    if change is not None:
        program = [Path(__file__).with_name("changes.py"), trial.resolve(), change]
    with (trial / f"{number:03d}.log").open("w") as log:
        return subprocess.Popen(
            [sys.executable, *map(str, (*program, *command))],
            cwd=ROOT,
            env={**os.environ, "CUDA_VISIBLE_DEVICES": "", "TMPDIR": str(temporary)},
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )


def _undisturbed(victim: Victim, folder: Path) -> tuple[float, float]:
    """Seconds to the first file, and to the end."""
    folder.mkdir()
    command = victim.command(folder)
    assert command is not None
    started = time.monotonic()
    first = None
    process = begin(folder, command, 0)
    try:
        while process.poll() is None:
            if first is None and any(folder.glob(f"*{victim.output}*/*")):
                first = time.monotonic() - started
            assert time.monotonic() < started + TIMEOUT_S
            time.sleep(_LOOK_S)
    finally:
        _kill(process)
    seconds = time.monotonic() - started
    assert process.returncode == 0, (folder / "000.log").read_text()
    return first or 0.0, seconds


def _trial(victim: Victim, trial: Path, moments: list[float]) -> list[float]:
    """Kill at these moments, each after another start; those that hit."""
    hit: list[float] = []
    for number, moment in enumerate([*moments, TIMEOUT_S]):
        command = victim.command(trial)
        if command is None:
            break
        process = begin(trial, command, number)
        try:
            process.wait(moment)
        except subprocess.TimeoutExpired:
            hit.append(moment)
        finally:
            _kill(process)
        if process.returncode != -signal.SIGKILL:
            said = "\n".join(_said(trial))
            assert process.returncode == 0, f"{trial}, killed after {hit} s: {said}"
            break
    assert TIMEOUT_S not in hit
    return hit


def _kill(process: subprocess.Popen) -> None:
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _said(trial: Path) -> list[str]:
    return [path.read_text() for path in sorted(trial.glob("*.log"))]
