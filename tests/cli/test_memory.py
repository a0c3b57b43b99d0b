"""A limit of memory that is too small ends each command at once, in one line."""

import subprocess
import sys

import pytest

from mitokeras.cli.memory import START_BYTES, TRAINING_BYTES, check_memory
from tests.runs import PROGRAM

resource = pytest.importorskip("resource", reason="Windows has no such limits")


def limited(kib: int, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", PROGRAM, *arguments]
    return subprocess.run(
        ["bash", "-c", f'ulimit -v {kib}; exec "$@"', "-", *command],
        capture_output=True, text=True, timeout=60,
    )  # fmt: skip


@pytest.mark.parametrize("kib", [300_000, 550_000, 800_000])
@pytest.mark.parametrize("command", ["predict", "watch", "fit", "evaluate"])
def test_less_than_the_libraries_take(command: str, kib: int) -> None:
    done = limited(kib, command, "nothing", "--out", "nowhere")
    assert done.returncode == 1
    (line,) = done.stderr.splitlines()
    assert line == (
        "Error: the memory that this process may take (ulimit -v) must leave 1024 MiB free. "
        f"Received: a limit of {kib // 1024} MiB"
    )


def test_less_than_training_takes() -> None:
    done = limited(2_000_000, "fit", "nothing", "--out", "nowhere")
    assert done.returncode == 1
    (line,) = done.stderr.splitlines()
    assert "must leave 4096 MiB free" in line


def test_without_a_limit_nothing_is_refused() -> None:
    if resource.getrlimit(resource.RLIMIT_AS)[0] != resource.RLIM_INFINITY:
        pytest.skip("there is one")
    check_memory(START_BYTES)
    check_memory(TRAINING_BYTES)
