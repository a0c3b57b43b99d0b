"""Two programs on one output: one line of error or the same results, never a mixture."""

import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner

from mitokeras.cli.main import main
from mitokeras.disk.locks import sole_writer
from tests.faults.kills import contents
from tests.runs import mitokeras, start, write_config
from tests.train.test_fit import SAME_FILES

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="as the tests of kills")

IN_USE = "another program is writing there"


def same(name: str, content: bytes) -> object:
    return content


def finish(process: subprocess.Popen) -> list[str]:
    """Wait for its end; what it said to the standard error."""
    _, said = process.communicate(timeout=600)
    assert "Traceback" not in said
    return [line for line in said.splitlines() if line.strip()]


def wait_for(process: subprocess.Popen, condition: Callable[[], bool]) -> None:
    while not condition():
        assert process.poll() is None, process.communicate()
        time.sleep(0.005)


@pytest.mark.slow
def test_predict(scans: Path, tflite_bundle: Path, tmp_path: Path) -> None:
    arguments = ("predict", scans, "--model", tflite_bundle, "--threads", 1, "--out")
    assert mitokeras(*arguments, tmp_path / "whole").returncode == 0
    both = [start(*arguments, tmp_path / "out") for _ in range(2)]
    for process in both:
        lines = finish(process)
        assert process.returncode == bool(lines)
        errors = [line for line in lines if not line.endswith("inputs failed")]
        assert all(line.startswith("Error: ") and IN_USE in line for line in errors), lines
    assert mitokeras(*arguments, tmp_path / "out").returncode == 0
    assert contents(tmp_path / "out", same) == contents(tmp_path / "whole", same)


@pytest.mark.soak
def test_export(finished_run: Path, tmp_path: Path) -> None:
    """The second has another format: a mixture would show."""
    out = tmp_path / "bundle"
    first = start("export", finished_run, "--format", "onnx", "--out", out)
    wait_for(first, (tmp_path / ".bundle.lock").exists)
    second = start("export", finished_run, "--format", "tflite", "--out", out)
    (line,) = finish(second)
    assert second.returncode == 1
    assert line == f"Error: {out}: {IN_USE}"
    finish(first)
    assert first.returncode == 0
    assert [path.name for path in tmp_path.iterdir()] == ["bundle"]
    assert not list(out.glob("*.tflite")) and (out / "segmenter.onnx").is_file()


@pytest.mark.parametrize(
    "arguments",
    [("fit", "--preset", "quick"), ("fit", "--resume"), ("export", "run", "--format", "tflite")],
)
def test_a_place_that_is_written_is_refused(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    out = tmp_path / "out"
    with sole_writer(out):
        done = CliRunner().invoke(main, [*arguments, "--out", str(out)])
    assert done.exit_code == 1
    assert done.stderr.strip() == f"Error: {out}: {IN_USE}"
    assert list(tmp_path.iterdir()) == []


@pytest.mark.soak
def test_fit(tmp_path: Path) -> None:
    """The second is refused, whether it begins anew or goes on with the run of the first."""
    from tests.faults.test_kill_fit import TINY

    config = write_config(tmp_path, **TINY)
    out = tmp_path / "run"
    first = start("fit", "--out", out, "--preset", "quick", "--config", config)
    wait_for(first, (out / "checkpoints" / "settings.json").exists)
    others = [
        start("fit", "--out", out, "--preset", "quick"),
        start("fit", "--out", out, "--resume"),
    ]
    for other in others:
        (line,) = finish(other)
        assert other.returncode == 1
        assert line == f"Error: {out}: {IN_USE}"
    finish(first)
    assert first.returncode == 0
    assert {path.name for path in tmp_path.iterdir()} == {"config.json", "run"}
    assert set(SAME_FILES) <= {path.name for path in out.iterdir()}
