"""Stage 3 in whole runs."""

import csv
import json
import shutil
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import cv2
import numpy as np
import pytest

from mitokeras.data.stored_field import StoredField
from mitokeras.detect.spec import read_spec
from mitokeras.detector import Detector
from mitokeras.disk.files import sha256_of
from mitokeras.run.record import read_record
from mitokeras.score.scores import read_metrics
from mitokeras.train.subtyping import can_learn, taken_subtypes
from tests.runs import EDGE_CLASSIFIER, SHORT, mitokeras, write_config
from tests.subtyped_data import write_subtyped

LONGER = {**SHORT, "batch": 16, "steps_per_epoch": 30}


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("config")
    return write_config(folder, subtyper={**EDGE_CLASSIFIER, "crop_px": 48, "schedule": LONGER})


@pytest.fixture(scope="module")
def run(config: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finished run on data that tell subtypes."""
    folder = tmp_path_factory.mktemp("subtyped")
    data = write_subtyped(folder / "data")
    done = mitokeras("fit", data, "--config", config, "--out", folder / "run")
    assert done.returncode == 0, done.stderr
    return folder / "run"


def test_a_run_on_subtypes_has_a_stage_3(run: Path) -> None:
    spec = read_spec(run)
    assert spec.models["subtyper"].file == "subtyper.keras"
    assert spec.subtyping is not None
    assert "best balanced accuracy on 32 validation figures" in spec.subtyping.chosen
    assert read_record(run).stages["subtyper"].epochs == 2
    rows = list(csv.DictReader((run / "history.csv").read_text().splitlines()))
    assert [row["stage"] for row in rows][-2:] == ["subtyper", "subtyper"]


def test_it_is_measured_on_what_it_has_not_seen(run: Path) -> None:
    found, spec = read_metrics(run / "metrics.json").subtyping, read_spec(run)
    assert found is not None and spec.subtyping is not None
    assert (found.normal, found.atypical, found.cases) == (16, 16, 1)
    assert found.auroc is not None and found.auroc > 0.9  # bars and discs
    assert spec.subtyping.sensitivity == pytest.approx(found.sensitivity, abs=1e-4)
    assert spec.subtyping.specificity == pytest.approx(found.specificity, abs=1e-4)


def test_accepted_figures_get_a_subtype_and_others_none(run: Path) -> None:
    detector = Detector.load(run)
    thresholds = detector.spec.thresholds.changed(segmenter=0.0, classifier=0.0)
    image = cv2.imread(str(run.parent / "data" / "images" / "0.png"))[..., ::-1]
    everything = detector.at(thresholds)
    found = everything.find(image, 0.25)
    assert found.accepted.all()
    assert ((found.atypical_score >= 0) & (found.atypical_score <= 1)).all()
    prediction = everything.predict(image, 0.25)
    subtypes = [one.subtype for one in prediction.detections]
    assert prediction.atypical is not None
    assert prediction.atypical.figures == subtypes.count("atypical")
    assert prediction.atypical.of == len(subtypes)
    nothing = detector.at(thresholds.changed(classifier=1.0)).find(image, 0.25)
    assert np.isnan(nothing.atypical_score).all()


def test_too_few_labels_leave_stage_3_out_and_say_so(config: Path, tmp_path: Path) -> None:
    data = write_subtyped(tmp_path / "data", images=4, cases=4, known=12)
    done = mitokeras("fit", data, "--config", config, "--out", tmp_path / "run")
    assert done.returncode == 0, done.stderr
    assert read_spec(tmp_path / "run").subtyping is None
    assert not (tmp_path / "run" / "subtyper.keras").exists()
    assert any("there is no stage 3" in note for note in read_record(tmp_path / "run").notes)


def test_a_data_set_with_one_subtype_alone_teaches_nothing() -> None:
    def field(source: str, normal: int, atypical: int) -> StoredField:
        subtypes = np.array(["normal"] * normal + ["atypical"] * atypical)
        return cast(StoredField, SimpleNamespace(source=source, subtypes=subtypes))

    apart = [field("a", 20, 0), field("b", 0, 20)]
    assert not can_learn(apart)
    assert not can_learn([])
    assert not can_learn([*apart, field("c", 9, 10)])
    assert can_learn([*apart, field("c", 9, 10), field("c", 1, 0)])
    both = {"normal": 10, "atypical": 10}
    assert taken_subtypes([*apart, field("c", 9, 10), field("c", 1, 0)]) == both
    assert taken_subtypes(apart) == {"normal": 0, "atypical": 0}


@pytest.mark.slow
def test_a_fine_tuning_goes_on_from_its_start(run: Path, config: Path, tmp_path: Path) -> None:
    short = {"batch": 4, "steps_per_epoch": 2, "epochs": 1, "decay": "constant"}
    changes = {role: {"schedule": short} for role in ("segmenter", "classifier", "subtyper")}
    config = tmp_path / "short.json"
    config.write_text(json.dumps(changes))
    before = read_spec(run)
    assert before.subtyping is not None
    for name, known in (("all", None), ("few", 4)):
        data = write_subtyped(tmp_path / name, images=4, known=known)
        for path in (data / "images").iterdir():  # other tissue than the start's
            cv2.imwrite(str(path), cv2.flip(cv2.imread(str(path)), 0))
        done = mitokeras(
            "fit", data, "--start", run, "--config", config, "--out", tmp_path / f"{name}_run"
        )
        assert done.returncode == 0, done.stderr
    tuned, kept = read_spec(tmp_path / "all_run"), read_spec(tmp_path / "few_run")
    assert tuned.subtyping is not None and kept.subtyping is not None
    assert tuned.subtyping.threshold == before.subtyping.threshold
    assert tuned.subtyping.sensitivity is None
    assert sha256_of(tmp_path / "all_run" / "subtyper.keras") != before.models["subtyper"].sha256
    assert kept.subtyping == before.subtyping
    assert kept.models["subtyper"].sha256 == before.models["subtyper"].sha256


def test_a_stage_3_without_its_file_is_refused(run: Path, tmp_path: Path) -> None:
    copy = Path(shutil.copytree(run, tmp_path / "run"))
    (copy / "subtyper.keras").unlink()
    assert "subtyper.keras: named in detector.json but missing" in str(
        mitokeras("info", copy).stderr
    )
