"""The output folder is removed while a command writes into it."""

import shutil
import sys
import time
from pathlib import Path

import pytest

from tests.faults.kills import contents
from tests.runs import mitokeras, start

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="open files cannot be removed")


@pytest.mark.slow
def test_predict(scans: Path, tflite_bundle: Path, tmp_path: Path) -> None:
    """Whole, or one line; the next call has everything."""
    out = tmp_path / "out"
    arguments = ("predict", scans / "big.svs", "--model", tflite_bundle, "--threads", 1, "--out")
    process = start(*arguments, out)
    while process.poll() is None and not list(out.glob("**/segment_000001.npz")):
        time.sleep(0.005)
    shutil.rmtree(out, ignore_errors=True)
    _, said = process.communicate(timeout=600)
    assert "Traceback" not in said
    assert len(said.splitlines()) == process.returncode
    assert mitokeras(*arguments, out).returncode == 0
    assert mitokeras(*arguments, tmp_path / "whole").returncode == 0
    whole = contents(tmp_path / "whole", lambda name, content: content)
    assert contents(out, lambda name, content: content) == whole


@pytest.mark.slow
def test_watch(scans: Path, tflite_bundle: Path, tmp_path: Path) -> None:
    """It says so and ends; the next one does all slides again, as none is recorded any more."""
    out = tmp_path / "out"
    model = ("--model", tflite_bundle, "--threads", 1, "--out", out)
    arguments = ("watch", scans, *model, "--settle-s", 0, "--once")
    process = start(*arguments)
    while process.poll() is None and not list(out.glob("**/segment_000001.npz")):
        time.sleep(0.005)
    shutil.rmtree(out, ignore_errors=True)
    _, said = process.communicate(timeout=600)
    assert "Traceback" not in said
    assert process.returncode == 1
    assert "the output folder takes no results" in said.splitlines()[-1]
    again = mitokeras(*arguments)
    assert again.returncode == 0, again.stderr
    assert again.stderr.count(" done ") == 4
