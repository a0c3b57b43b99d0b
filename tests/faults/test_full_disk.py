"""A disk that is full: one line, exit code 1, nothing half, and the work goes on with more room."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.kills import contents
from tests.faults.test_kill_fit import TINY
from tests.runs import PROGRAM, ROOT, mitokeras, write_config

pytestmark = pytest.mark.skipif(
    sys.platform != "linux", reason="limits and mounts as Linux has them"
)


def limited(most_bytes: int, *arguments: object) -> subprocess.CompletedProcess:
    """Run `mitokeras` with a limit on the size of each file, which raises as a full disk does."""
    import resource

    return subprocess.run(
        [sys.executable, "-c", PROGRAM, *map(str, arguments)],
        cwd=ROOT,
        env={**os.environ, "CUDA_VISIBLE_DEVICES": ""},
        capture_output=True,
        text=True,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (most_bytes, most_bytes)),
        timeout=600,
    )


def last_line(done: subprocess.CompletedProcess) -> str:
    assert done.returncode == 1, done.stderr
    assert "Traceback" not in done.stderr
    line: str = done.stderr.strip().splitlines()[-1]
    assert line.startswith("Error: ")
    return line


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 300 kB."""
    disk = tmp_path / "disk"
    disk.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=300k", "none", str(disk)]
    try:
        mounted = subprocess.run(command, capture_output=True).returncode == 0
    except OSError:
        mounted = False
    if not mounted:
        pytest.skip("may not mount a file system")
    yield disk
    subprocess.run(["umount", str(disk)], check=True)


@pytest.mark.soak
def test_fit_goes_on_when_there_is_room_again(tmp_path: Path) -> None:
    """A checkpoint does not fit."""
    config = write_config(tmp_path, **TINY)
    out = tmp_path / "run"
    arguments = ("fit", "--out", out, "--preset", "quick", "--config", config)
    line = last_line(limited(1_500_000, *arguments))
    assert "File too large" in line
    assert (out / "store.h5").is_file() and not (out / "run.json").exists()
    done = mitokeras("fit", "--out", out, "--resume")
    assert done.returncode == 0, done.stderr
    assert not [name for name in contents(out, lambda name, content: None) if "partial" in name]


@pytest.mark.slow
def test_export_leaves_nothing(finished_run: Path, tmp_path: Path) -> None:
    out = tmp_path / "bundle"
    line = last_line(limited(50_000, "export", finished_run, "--format", "tflite", "--out", out))
    assert "File too large" in line
    assert list(tmp_path.iterdir()) == []


@pytest.mark.soak
def test_export_to_a_small_disk_leaves_nothing(finished_run: Path, small_disk: Path) -> None:
    out = small_disk / "bundle"
    line = last_line(mitokeras("export", finished_run, "--format", "onnx", "--out", out))
    assert "No space left" in line
    assert list(small_disk.iterdir()) == []


@pytest.mark.slow
def test_predict_to_a_small_disk(scans: Path, tflite_bundle: Path, small_disk: Path) -> None:
    """Each input gets its line; what does not fit is not there."""
    out = small_disk / "out"
    arguments = ("predict", scans, "--model", tflite_bundle, "--out", out)
    done = mitokeras(*arguments)
    assert "Traceback" not in done.stderr
    assert done.returncode == 1
    *lines, last = done.stderr.splitlines()
    assert last.endswith("of 4 inputs failed")
    assert lines and all("No space left" in line for line in lines)
    whole = list(out.glob("**/prediction.json"))
    assert len(whole) == 4 - len(lines)
    assert not [path for path in out.rglob("*") if path.name.endswith((".partial", ".lock"))]
