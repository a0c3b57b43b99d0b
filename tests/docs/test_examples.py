"""The examples of the docs run as they stand."""

import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np

from tests.conftest import ROOT
from tests.runs import PROGRAM
from tests.slides import write_aperio


def test_count_mitoses(finished_run: Path, tflite_bundle: Path, tmp_path: Path) -> None:
    field = cv2.imread(str(finished_run / "synthetic" / "images" / "field_0001.png"))[..., ::-1]
    slide = write_aperio(tmp_path / "slide.svs", np.tile(field, (6, 5, 1)))
    paths = PROGRAM.split("from ")[0]
    example = ROOT / "docs" / "examples" / "count_mitoses.py"
    code = f"{paths}import runpy; runpy.run_path({str(example)!r}, run_name='__main__')"
    done = subprocess.run(
        [sys.executable, "-c", code, tflite_bundle, slide], capture_output=True, text=True, cwd=ROOT
    )
    assert done.returncode == 0, done.stderr
    assert "slide.svs: 640 x 768 px" in done.stdout
    assert "0.25 um/px, from openslide.mpp-x" in done.stdout
    assert "field of 0.55 mm: mitotic score None" in done.stdout
