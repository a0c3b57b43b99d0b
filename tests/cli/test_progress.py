"""Progress is shown in a terminal, and nothing of it in a pipe."""

import os
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest

from tests.runs import PROGRAM, mitokeras

pty = pytest.importorskip("pty", reason="Windows has no such terminals")
LINES, COLUMNS = 40, 120


def in_a_terminal(*arguments: object) -> str:
    """Run `mitokeras` in a terminal of its own, and give all that it was shown."""
    import fcntl
    import struct
    import subprocess
    import termios

    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", LINES, COLUMNS, 0, 0))
    command = [sys.executable, "-c", PROGRAM, *map(str, arguments)]
    with subprocess.Popen(command, stdout=theirs, stderr=theirs, stdin=theirs) as process:
        os.close(theirs)
        shown = b""
        try:
            while part := os.read(ours, 1 << 16):
                shown += part
        except OSError:  # Linux says so of a terminal whose other side is closed
            pass
        finally:
            os.close(ours)
    assert process.returncode == 0, shown.decode()
    return shown.decode()


def test_predict(tissue: np.ndarray, tflite_bundle: Path, tmp_path: Path) -> None:
    cv2.imwrite(str(tmp_path / "a.png"), tissue)
    options = ("--model", tflite_bundle, "--spacing-um-px", 0.25, "--format", "csv")
    shown = in_a_terminal("predict", tmp_path / "a.png", "--out", tmp_path / "out", *options)
    for step in ("survey", "segment", "judge", "render"):
        assert f"a.png: {step}:" in shown
    assert "tiles/s]" in shown


def test_watch(tissue: np.ndarray, tflite_bundle: Path, tmp_path: Path) -> None:
    (tmp_path / "inbox").mkdir()
    cv2.imwrite(str(tmp_path / "inbox" / "a.png"), tissue)
    options = ("--model", tflite_bundle, "--spacing-um-px", 0.25, "--settle-s", 0, "--once")
    shown = in_a_terminal("watch", tmp_path / "inbox", "--out", tmp_path / "out", *options)
    assert "a.png: segment:" in shown
    assert "predicting a.png\r\n" in shown
    piped = mitokeras("watch", tmp_path / "inbox", "--out", tmp_path / "again", *options)
    assert "segment" not in piped.stderr
    assert "done a.png: " in piped.stderr


def test_evaluate(finished_run: Path, tflite_bundle: Path) -> None:
    arguments = ("evaluate", finished_run / "synthetic", "--model", tflite_bundle)
    assert "scoring:" in in_a_terminal(*arguments)
    piped = mitokeras(*arguments)
    assert "scoring" not in piped.stdout + piped.stderr


@pytest.mark.slow
def test_export(finished_run: Path, tmp_path: Path) -> None:
    arguments = ("export", finished_run, "--format", "tflite", "--quantize", "int8", "--out")
    shown = in_a_terminal(*arguments, tmp_path / "a")
    for step in ("thresholds:", "comparing:", "scoring:"):
        assert step in shown
    piped = mitokeras(*arguments, tmp_path / "b")
    assert "comparing:" not in piped.stdout + piped.stderr
