"""Programs that are started without standard streams, as by schedulers and `pythonw`."""

import os
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest

from mitokeras.cli.streams import open_missing_streams
from tests.runs import PROGRAM

in_a_shell = pytest.mark.skipif(sys.platform == "win32", reason="a shell closes the streams")


def run_without(streams: str, *arguments: object) -> subprocess.CompletedProcess[str]:
    """Run `mitokeras` with some streams closed, such as "2>&- >&-"."""
    command = [sys.executable, "-c", PROGRAM, *map(str, arguments)]
    return subprocess.run(
        ["sh", "-c", f'exec "$@" {streams}', "sh", *command], capture_output=True, text=True
    )


@in_a_shell
@pytest.mark.parametrize("streams", ["2>&-", ">&-", "<&- >&- 2>&-"])
def test_predict_needs_no_streams(
    streams: str, tissue: np.ndarray, tflite_bundle: Path, tmp_path: Path
) -> None:
    cv2.imwrite(str(tmp_path / "a.png"), tissue[:128, :128])
    options = ("--model", tflite_bundle, "--spacing-um-px", 0.25, "--format", "csv")
    done = run_without(streams, "predict", tmp_path / "a.png", "--out", tmp_path / "out", *options)
    assert (done.returncode, done.stderr) == (0, "")
    assert (tmp_path / "out" / "a.png" / "detections.csv").stat().st_size
    assert (tmp_path / "out" / "a.png" / "prediction.json").stat().st_size


@in_a_shell
def test_info_needs_no_standard_output() -> None:
    done = run_without(">&-", "info")
    assert (done.returncode, done.stderr) == (0, "")


@in_a_shell
def test_the_exit_code_stays(tmp_path: Path) -> None:
    done = run_without("2>&-", "predict", tmp_path / "missing.png", "--out", tmp_path / "out")
    assert done.returncode == 1


def test_a_stream_that_is_none_is_replaced(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stderr", None)
    open_missing_streams()
    stream = sys.stderr
    assert stream is not None
    assert stream.name == os.devnull
    stream.close()
