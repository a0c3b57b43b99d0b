"""Output folders that take no files."""

import os
from pathlib import Path

import pytest
from click.testing import CliRunner

from mitokeras.cli.main import main
from tests.runs import mitokeras

AS_ROOT = hasattr(os, "geteuid") and os.geteuid() == 0


def test_export_below_a_file(finished_run: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    out = tmp_path / "file" / "bundle"
    done = CliRunner().invoke(
        main, ["export", str(finished_run), "--format", "tflite", "--out", str(out)]
    )
    assert done.exit_code == 1
    (line,) = done.stderr.strip().splitlines()
    assert line.startswith("Error: ") and str(tmp_path / "file") in line
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_a_folder_of_a_slide_that_is_a_file(
    scans: Path, tflite_bundle: Path, tmp_path: Path
) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "a.svs").write_text("in the way")
    done = mitokeras(
        "predict", scans / "day 1" / "a.svs", "--model", tflite_bundle, "--out", tmp_path / "out"
    )
    assert done.returncode == 1
    (line,) = done.stderr.splitlines()
    assert line.startswith("Error: ") and "must be a folder of predictions" in line
    assert (tmp_path / "out" / "a.svs").read_text() == "in the way"
    assert {path.name for path in (tmp_path / "out").iterdir()} == {
        "a.svs", "index.html", "summary.csv",
    }  # fmt: skip


@pytest.mark.skipif(AS_ROOT or os.name != "posix", reason="root may write everywhere")
def test_a_folder_without_permission(scans: Path, tflite_bundle: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir(mode=0o500)
    slide = scans / "day 1" / "a.svs"
    done = mitokeras("predict", slide, "--model", tflite_bundle, "--out", out)
    assert done.returncode == 1
    (line,) = done.stderr.splitlines()
    assert line.startswith("Error: ") and "Permission denied" in line
    assert list(out.iterdir()) == []
