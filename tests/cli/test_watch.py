"""`mitokeras watch` on a folder of real slides, with a real bundle."""

import csv
import json
import shutil
import signal
import sys
import time
from pathlib import Path

import cv2
import numpy as np
import pytest

from tests.detectors import add_subtyper
from tests.predict.fake import tissue
from tests.runs import call, mitokeras, start
from tests.slides import write_aperio
from tests.slides.dicom import write_dicom


@pytest.fixture(scope="module")
def slide(finished_run: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    field = cv2.imread(str(finished_run / "synthetic" / "images" / "field_0001.png"))[..., ::-1]
    return write_aperio(tmp_path_factory.mktemp("slides") / "S1.svs", np.tile(field, (5, 6, 1)))


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir() if not path.name.startswith("."))


def test_an_inbox_is_predicted_once(slide: Path, tflite_bundle: Path, tmp_path: Path) -> None:
    inbox, out = tmp_path / "inbox", tmp_path / "out"
    inbox.mkdir()
    shutil.copy(slide, inbox / "S1.svs")
    (inbox / "text.svs").write_text("no slide")
    (inbox / "S2.svs.part").write_bytes(slide.read_bytes()[:1000])
    arguments = ("watch", inbox, "--model", tflite_bundle, "--out", out)
    arguments = (*arguments, "--settle-s", 0.1, "--patience-s", 0.1, "--once")
    done = mitokeras(*arguments)
    assert done.returncode == 1  # one was set aside
    assert names(out) == ["S1.svs", "index.html", "summary.csv", "watch.json"]
    assert names(out / "S1.svs") == [
        "detections.csv", "detections.geojson", "overlay.png", "points.json", "prediction.json",
        "report.html", "thumbnail.jpg",
    ]  # fmt: skip
    with (out / "summary.csv").open(encoding="utf-8") as file:
        assert [(row["slide"], row["status"]) for row in csv.DictReader(file)] == [
            ("S1.svs", "done"),
            ("text.svs", "failed"),
        ]
    lines = done.stderr.splitlines()
    assert (
        sum(
            "done S1.svs: " in line and "mitotic figure" in line and line.count("S1.svs") == 1
            for line in lines
        )
        == 1
    )
    assert sum("set aside text.svs: " in line for line in lines) == 1
    assert all(line[:4].isdigit() for line in lines), done.stderr  # each with its time
    before = (out / "S1.svs" / "prediction.json").stat().st_mtime_ns

    again = mitokeras(*arguments)
    assert again.returncode == 0
    assert "predicting" not in again.stderr
    assert (out / "S1.svs" / "prediction.json").stat().st_mtime_ns == before

    whole = {path.name: path.read_bytes() for path in (out / "S1.svs").iterdir()}
    for path in (out / "S1.svs").iterdir():
        path.write_bytes(b"")  # as a power cut may leave it
    assert mitokeras(*arguments).returncode == 0
    assert {path.name: path.read_bytes() for path in (out / "S1.svs").iterdir()} == whole


@pytest.mark.skipif(sys.platform == "win32", reason="no SIGTERM there")
def test_a_signal_ends_it_cleanly(slide: Path, tflite_bundle: Path, tmp_path: Path) -> None:
    inbox, out = tmp_path / "inbox", tmp_path / "out"
    inbox.mkdir()
    process = start("watch", inbox, "--model", tflite_bundle, "--out", out, "--settle-s", 0.1)
    shutil.copy(slide, inbox / "S1.svs")
    while process.poll() is None and not (out / "S1.svs" / "prediction.json").exists():
        time.sleep(0.05)
    while not (out / "watch.json").exists():
        time.sleep(0.05)
    process.send_signal(signal.SIGTERM)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 0
    assert err.splitlines()[-1].endswith("stopped")
    assert "Traceback" not in err
    assert "S1.svs" in json.dumps(json.loads((out / "watch.json").read_text("utf-8")))


def test_an_inbox_that_is_a_file(slide: Path, tflite_bundle: Path, tmp_path: Path) -> None:
    done = mitokeras("watch", slide, "--model", tflite_bundle, "--out", tmp_path / "out")
    assert done.returncode == 1
    assert "must be a folder" in done.stderr


def test_atypical_figures_have_a_class_where_it_is_asked_for(
    slide: Path, tflite_bundle: Path, tmp_path: Path
) -> None:
    bundle = Path(shutil.copytree(tflite_bundle, tmp_path / "telling"))
    add_subtyper(bundle)
    inbox, out = tmp_path / "inbox", tmp_path / "out"
    inbox.mkdir()
    shutil.copy(slide, inbox / "S1.svs")
    done = call(
        "watch", inbox, "--model", bundle, "--out", out, "--settle-s", 0.1, "--once",
        "--atypical-class", "--format", "geojson",
    )  # fmt: skip
    assert done.exit_code == 0, done.output
    assert names(out / "S1.svs") == ["detections_atypical.geojson", "prediction.json"]


def test_a_dicom_slide_that_is_scanned_again_leaves_no_second_count(
    tflite_bundle: Path, tmp_path: Path
) -> None:
    inbox, out = tmp_path / "inbox", tmp_path / "out"
    (inbox / "scan").mkdir(parents=True)
    arguments = ("watch", inbox, "--model", tflite_bundle, "--out", out, "--format", "csv")
    arguments = (*arguments, "--settle-s", 0.1, "--patience-s", 0.1, "--once")
    listed = []
    for series in ("1.2.3", "1.2.9"):
        for file in (inbox / "scan").iterdir():
            file.unlink()
        write_dicom(inbox / "scan", tissue(300, 400, 10), series=series)
        done = mitokeras(*arguments)
        assert done.returncode == 0, done.stderr
        with (out / "summary.csv").open(encoding="utf-8") as file:
            listed.append([(row["slide"], row["status"]) for row in csv.DictReader(file)])
    assert listed == [
        [("scan/1.2.3.dcm", "done")],
        [("scan/1.2.3.dcm", "failed"), ("scan/1.2.9.dcm", "done")],
    ]
