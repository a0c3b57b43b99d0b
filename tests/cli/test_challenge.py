"""`mitokeras challenge` on a job as grand-challenge.org lays it out."""

import json
from pathlib import Path

import numpy as np
import pytest

from mitokeras.detector import Detector
from mitokeras.predict.challenge import IMAGE_FOLDER
from mitokeras.report.slide.grand_challenge import multiple_points
from mitokeras.slides.opening import open_slide
from tests.runs import call, mitokeras
from tests.slides import write_plain_tiff


@pytest.fixture
def job(tissue: np.ndarray, tmp_path: Path) -> Path:
    """With a TIFF, read only."""
    folder = tmp_path / "job" / IMAGE_FOLDER
    folder.mkdir(parents=True)
    write_plain_tiff(folder / "007.tiff", np.ascontiguousarray(tissue), 0.25)
    for path in (folder / "007.tiff", folder, folder.parent, tmp_path / "job"):
        path.chmod(path.stat().st_mode & ~0o222)
    return tmp_path / "job"


def test_a_job_from_end_to_end(job: Path, tflite_bundle: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    done = mitokeras("challenge", "--input", job, "--output", out, "--model", tflite_bundle)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("007.tiff: ")
    assert [path.name for path in out.iterdir()] == ["mitotic-figures.json"]
    written = (out / "mitotic-figures.json").read_bytes()
    image = job / IMAGE_FOLDER / "007.tiff"
    prediction = Detector.load(tflite_bundle).predict_slide(image)
    assert written == multiple_points(prediction)
    answer = json.loads(written)
    assert (answer["type"], answer["version"]) == ("Multiple points", {"major": 1, "minor": 0})
    assert len(answer["points"]) == len(prediction.detections) > 3
    assert {point["name"] for point in answer["points"]} <= {
        "mitotic figure", "non-mitotic figure",
    }  # fmt: skip
    first = prediction.detections[0]
    assert answer["points"][0] == {
        "name": "mitotic figure" if first.accepted else "non-mitotic figure",
        "point": pytest.approx([first.x * 0.00025, first.y * 0.00025, 0.0], abs=1e-6),
        "probability": first.classifier_score,
    }


def test_an_mha_gives_what_the_tiff_gives(job: Path, tflite_bundle: Path, tmp_path: Path) -> None:
    itk = pytest.importorskip("SimpleITK")
    slide = open_slide(job / IMAGE_FOLDER / "007.tiff")
    pixels = slide.read(0, 0, slide.width, slide.height)
    slide.close()
    other = tmp_path / "other" / IMAGE_FOLDER
    other.mkdir(parents=True)
    image = itk.GetImageFromArray(pixels, isVector=True)
    image.SetSpacing((0.00025, 0.00025))
    itk.WriteImage(image, str(other / "1.mha"), True)
    points = []
    for folder in (job, tmp_path / "other"):
        out = tmp_path / f"out of {folder.name}"
        done = call("challenge", "--input", folder, "--output", out, "--model", tflite_bundle)
        assert done.exit_code == 0, done.output
        points.append(json.loads((out / "mitotic-figures.json").read_text())["points"])
    assert points[0] == points[1] != []


def test_what_cannot_be_read_leaves_nothing(tflite_bundle: Path, tmp_path: Path) -> None:
    folder = tmp_path / "job" / IMAGE_FOLDER
    folder.mkdir(parents=True)
    (folder / "1.tif").write_bytes(b"II*\0nothing")
    out = tmp_path / "out"
    done = call("challenge", "--input", tmp_path / "job", "--output", out, "--model", tflite_bundle)
    assert done.exit_code == 1
    assert "1.tif" in done.output and len(done.output.splitlines()) == 1
    assert not out.exists()
