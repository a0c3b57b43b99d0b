import csv
import json
import time
from pathlib import Path

import cv2
import numpy as np
import pytest

from mitokeras.detector import Detector
from mitokeras.disk.files import sha256_of
from tests.runs import SAME_FILES, call, mitokeras, start, write_config


@pytest.fixture(scope="module")
def run(tmp_path_factory) -> Path:
    """A finished run on synthetic fields."""
    folder: Path = tmp_path_factory.mktemp("runs")
    config = write_config(folder)
    done = mitokeras("fit", "--out", folder / "run", "--preset", "quick", "--config", config)
    assert done.returncode == 0, done.stderr
    assert "both stages" in done.stdout
    return folder / "run"


def hashes(run: Path) -> dict[str, str]:
    return {name: sha256_of(run / name) for name in SAME_FILES}


def test_a_run_is_complete(run: Path) -> None:
    names = {path.name for path in run.iterdir()}
    assert names == {
        *SAME_FILES,
        "run.json",
        "report.html",
        "figures",
        "store.h5",
        "synthetic",
    }
    figures = {path.name for path in (run / "figures").iterdir()}
    assert {"training.png", "precision_recall.png", "froc.png", "rejected_candidates.png"} < figures
    assert any(name.startswith("detections_") for name in figures)
    for path in (run / "figures").iterdir():
        assert cv2.imread(str(path)) is not None
    metrics = json.loads((run / "metrics.json").read_text())
    for split in ("validation", "test"):
        assert {"protocol", "match_radius_um", "spacing_um_px", "thresholds"} < set(metrics[split])
        for stage in ("segmenter", "both"):
            assert {"tp", "fp", "fn", "precision", "recall", "f1", "ci95", "per_case"} < set(
                metrics[split][stage]
            )
    with (run / "history.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert [(row["stage"], row["epoch"]) for row in rows] == [
        ("segmenter", "1"),
        ("segmenter", "2"),
        ("classifier", "1"),
        ("classifier", "2"),
    ]
    record = json.loads((run / "run.json").read_text())
    assert record["settings"]["preset"] == "quick"
    assert record["environment"]["keras"]
    by_case: dict[str, set[str]] = {}
    for field in record["fields"]:
        by_case.setdefault(field["case"], set()).add(field["split"])
    assert all(len(splits) == 1 for splits in by_case.values())
    assert set.union(*by_case.values()) == {"train", "validation", "test"}
    assert "Not a medical device" in (run / "report.html").read_text()


def test_a_finished_run_detects_as_it_was_scored(run: Path) -> None:
    """`evaluate` on the run's own fields takes the test fields alone, with the same counts."""
    out = run.parent / "scores.json"
    done = call("evaluate", run / "synthetic", "--model", run, "--json", out)
    assert done.exit_code == 0, done.stderr
    assert "the model was trained or validated on the same files" in done.stderr
    scores = json.loads(out.read_text())
    test = json.loads((run / "metrics.json").read_text())["test"]
    for key in ("protocol", "fields", "cases", "figures", "segmenter", "both", "thresholds"):
        assert scores[key] == test[key]
    other = call("evaluate", run / "synthetic", "--model", run, "--protocol", "icpr2012-5um")
    assert "protocol icpr2012-5um: hit within 5 um" in other.stdout


def test_detector_loads_and_predicts(run: Path) -> None:
    detector = Detector.load(run)
    image = cv2.imread(str(next((run / "synthetic" / "images").iterdir())))[..., ::-1]
    found = detector.find(np.ascontiguousarray(image), 0.25)
    assert found.xy.shape == (len(found), 2)
    assert found.accepted.dtype == bool


def test_a_finished_run_is_not_trained_again(run: Path, caplog: pytest.LogCaptureFixture) -> None:
    before = hashes(run)
    done = call("fit", "--out", run, "--resume")
    assert done.exit_code == 0
    assert "is finished" in caplog.text
    assert hashes(run) == before
    done = call("fit", "--out", run)
    assert done.exit_code == 1
    assert "must be a new or empty folder" in done.stderr


MOMENTS = (
    "synthetic",
    "store.h5",
    "checkpoints/segmenter-last-0001.keras",
    "checkpoints/candidates.npz",
    "checkpoints/classifier-last-0001.keras",
    "metrics.json",
)
"""What appears in a run folder in the course of its stages."""


@pytest.mark.slow
def test_a_run_killed_in_each_stage_ends_as_an_undisturbed_one(run: Path, tmp_path: Path) -> None:
    """Killed, resumed, and killed again in the next stage; the same seed gives the same bytes."""
    config = write_config(tmp_path)
    out = tmp_path / "killed"
    arguments: tuple[object, ...] = ("--preset", "quick", "--config", config)
    for moment in MOMENTS:
        process = start("fit", "--out", out, *arguments)
        while not (out / moment).exists():
            assert process.poll() is None, process.communicate()
            time.sleep(0.002)
        process.kill()
        process.communicate()
        assert not (out / "run.json").exists()
        arguments = ("--resume",)
    unfinished = call("evaluate", run / "synthetic", "--model", out)
    assert unfinished.exit_code == 1
    assert "must be a finished run" in unfinished.stderr
    done = mitokeras("fit", "--out", out, "--resume")
    assert done.returncode == 0, done.stderr
    assert hashes(out) == hashes(run)
    assert {path.name for path in out.iterdir()} == {path.name for path in run.iterdir()}


def test_resume_with_other_settings_is_refused(run: Path) -> None:
    done = call("fit", "--out", run, "--resume", "--seed", "9")
    assert done.exit_code == 1
    assert "must be resumed with the preset" in done.stderr
    done = call("fit", "--out", run.parent / "none", "--resume")
    assert done.exit_code == 1
    assert "there is no run" in done.stderr
