"""The install of a workstation: no TensorFlow, no Keras, and the detections all the same."""

import json
import shutil
import subprocess
import sys
import zipfile
from importlib.metadata import distributions
from pathlib import Path

import cv2
import numpy as np
import pytest
import tifffile

from mitokeras.detect.folder import DEFAULT_MODEL
from mitokeras.detect.spec import read_spec
from mitokeras.detector import Detector
from mitokeras.export.bundle import export_run
from tests.conftest import ROOT

DETECT = """
import importlib.util
import sys

import cv2
import numpy as np

for name in ("tensorflow", "keras", "h5py", "matplotlib"):
    assert importlib.util.find_spec(name) is None, name

from mitokeras.detector import Detector

image = cv2.imread(sys.argv[2])[..., ::-1]
found = Detector.load(sys.argv[1], threads=2).find(image, 0.25)
np.savez(sys.argv[3], xy=found.xy, score=found.classifier_score, accepted=found.accepted)
"""


SOURCES = ("mitokeras", "cli", "export", "setup.cfg", "pyproject.toml", "README.md", "LICENSE")


@pytest.fixture(scope="module")
def sources(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of what is installed, since building leaves files beside it."""
    folder = tmp_path_factory.mktemp("sources")
    for name in SOURCES:
        copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
        copy(ROOT / name, folder / name)
    return folder


@pytest.fixture(scope="module")
def wheel(sources: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("wheel")
    pip("wheel", "--no-deps", "--wheel-dir", out, sources)
    (wheel,) = out.glob("*.whl")
    return wheel


@pytest.fixture
def lowest(sources: Path, wheel: Path, tmp_path: Path) -> Path:
    """The interpreter of an environment with the lowest versions that setup.cfg admits.

    They are named by setup.cfg: of a wheel that is installed, uv takes the newest dependencies.
    """
    environment = tmp_path / "lowest"
    uv("venv", "--python", sys.executable, environment)
    python = environment / ("Scripts" if sys.platform == "win32" else "bin") / "python"
    setup = sources / "setup.cfg"
    uv("pip", "install", "--python", python, "--resolution", "lowest-direct", "-r", setup)
    uv("pip", "install", "--python", python, "--no-deps", wheel)
    (site,) = environment.rglob("site-packages")
    (scipy,) = distributions(name="scipy", path=[str(site)])
    assert scipy.version == "1.13.0"
    return python


@pytest.fixture(scope="module")
def python(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The interpreter of a fresh environment with the light install."""
    environment = tmp_path_factory.mktemp("light") / "venv"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", environment], check=True)
    python = environment / ("Scripts" if sys.platform == "win32" else "bin") / "python"
    pip("--python", python, "install", "--no-compile", wheel)
    return python


def pip(*arguments: object) -> None:
    tool("pip", *arguments)


def uv(*arguments: object) -> None:
    tool("uv", *arguments)


def tool(name: str, *arguments: object) -> None:
    words = [sys.executable, "-m", name, "--quiet", *map(str, arguments)]
    done = subprocess.run(words, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def check_detections(python: Path, run: Path, bundle: Path, tmp_path: Path) -> None:
    image = sorted((run / "synthetic" / "images").glob("*.png"))[11]
    done = subprocess.run(
        [python, "-c", DETECT, bundle, image, tmp_path / "found.npz"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    expected = Detector.load(run).find(cv2.imread(str(image))[..., ::-1], 0.25)
    assert len(expected) > 1
    with np.load(tmp_path / "found.npz") as found:
        np.testing.assert_allclose(found["xy"], expected.xy, atol=0.1)
        np.testing.assert_allclose(found["score"], expected.classifier_score, atol=1e-4)
        np.testing.assert_array_equal(found["accepted"], expected.accepted)


def check_report(python: Path, data: Path, out: Path, *options: object) -> str:
    """Predict a field with all outputs; the name of the model in them."""
    image = sorted((data / "images").glob("*.png"))[11]
    command = [python.with_name("mitokeras"), "predict", image, "--spacing-um-px", "0.25"]
    done = subprocess.run(
        [*command, "--out", out, *options], capture_output=True, text=True, cwd=out.parent
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert "mitotic figure" in done.stdout
    assert (out / image.name / "report.html").stat().st_size > 10_000
    kept = json.loads((out / image.name / "prediction.json").read_text("utf-8"))
    return str(kept["prediction"]["model"]["name"])


LARGEST_WHEEL_BYTES = 40_000_000


@pytest.mark.slow
def test_the_wheel_holds_the_shipped_models_and_the_page_whole(
    wheel: Path, sources: Path, tmp_path: Path
) -> None:
    assert wheel.stat().st_size < LARGEST_WHEEL_BYTES
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(tmp_path)
    ours = sources / "mitokeras" / "shipped"
    files = [path.relative_to(ours) for path in ours.rglob("*") if path.is_file()]
    assert {path.parts[0] for path in files} >= {DEFAULT_MODEL}
    for path in files:
        installed = tmp_path / "mitokeras" / "shipped" / path
        assert installed.read_bytes() == (ours / path).read_bytes()
    for folder in (tmp_path / "mitokeras" / "shipped").iterdir():
        read_spec(folder)  # compares the SHA-256 of both networks with detector.json
    built = sources / "mitokeras" / "web" / "page"  # there is none without Node.js
    for path in [each for each in built.rglob("*") if each.is_file()]:
        installed = tmp_path / "mitokeras" / "web" / "page" / path.relative_to(built)
        assert installed.read_bytes() == path.read_bytes()


@pytest.mark.slow
def test_the_shipped_model_works_out_of_the_box(
    python: Path, finished_run: Path, tmp_path: Path
) -> None:
    assert check_report(python, finished_run / "synthetic", tmp_path / "out") == DEFAULT_MODEL
    done = subprocess.run(
        [python.with_name("mitokeras"), "info", DEFAULT_MODEL], capture_output=True, text=True
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert "Not a medical device" in done.stdout


@pytest.mark.slow
def test_the_lowest_versions_detect_the_same(
    lowest: Path, python: Path, tissue: np.ndarray, tmp_path: Path
) -> None:
    """Every candidate of a field and of a slide, with its scores and places as they are printed."""
    cv2.imwrite(str(tmp_path / "field.png"), tissue[:256, ::-1, ::-1])
    spacing = {"resolution": (40_000, 40_000), "resolutionunit": "CENTIMETER"}  # 0.25 um
    tifffile.imwrite(tmp_path / "slide.tif", tissue, tile=(128, 128), compression="jpeg",
                     photometric="rgb", **spacing)  # fmt: skip
    tables = []
    for number, own in enumerate((python, lowest)):
        out = tmp_path / str(number)
        for name, *options in (("slide.tif",), ("field.png", "--spacing-um-px", "0.25")):
            command = [own.with_name("mitokeras"), "predict", tmp_path / name, "--out", out]
            done = subprocess.run([*command, *options], capture_output=True, text=True)
            assert (done.returncode, done.stderr) == (0, "")
            tables.append((out / name / "detections.csv").read_text("utf-8"))
    assert tables[:2] == tables[2:]
    assert all(table.count("\n") > 3 for table in tables)


@pytest.mark.slow
def test_bundles_without_tensorflow(
    python: Path, wheel: Path, finished_run: Path, tflite_bundle: Path, tmp_path: Path
) -> None:
    check_detections(python, finished_run, tflite_bundle, tmp_path)

    data = finished_run / "synthetic"
    command = [python.with_name("mitokeras"), "evaluate", data, "--model"]
    done = subprocess.run([*command, tflite_bundle], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "5 fields" in done.stdout

    assert check_report(python, data, tmp_path / "out", "--model", tflite_bundle) == "tflite"

    onnx = export_run(finished_run, tmp_path / "onnx", "onnx").folder
    done = subprocess.run([*command, onnx], capture_output=True, text=True)
    assert done.returncode == 1
    assert "needs the 'onnx' extra" in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
    for model, extra in ((finished_run, "tf"), (onnx, "onnx")):
        done = subprocess.run([*command, model], capture_output=True, text=True)
        assert f"pip install 'mitokeras[{extra}]'" in done.stderr

    pip("--python", python, "install", "--no-compile", f"{wheel}[onnx]")
    check_detections(python, finished_run, onnx, tmp_path)
