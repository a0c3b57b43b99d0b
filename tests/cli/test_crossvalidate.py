import json
from pathlib import Path

import cv2
import numpy as np
import pytest

from mitokeras.data.known_tissue import TISSUE_FILE
from mitokeras.data.synthetic.field import draw_field
from mitokeras.data.synthetic.writer import write_synthetic
from mitokeras.detect.spec import read_spec
from mitokeras.detector import Detector
from mitokeras.disk.files import sha256_of
from tests.runs import EDGE_CLASSIFIER, SHORT, TINY_SEGMENTER, call, mitokeras, write_config

pytestmark = pytest.mark.slow

ONE_EPOCH = {**SHORT, "epochs": 1, "ema": 0.5}


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Fields with all labels, and patches about a figure each, whose surroundings have none."""
    folder = tmp_path_factory.mktemp("data")
    write_synthetic(folder / "frames", 4, seed=1, field_px=256, cases=4)
    (folder / "patches" / "images").mkdir(parents=True)
    rows = ["image,x,y,label"]
    for number in range(6):
        image = draw_field(128, 128, seed=number, case=number).image
        cv2.imwrite(str(folder / "patches" / "images" / f"{number}.png"), image[..., ::-1])
        rows.append(f"{number}.png,64,64,mitosis")
    (folder / "patches" / "labels.csv").write_text("\n".join(rows))
    return folder


@pytest.fixture(scope="module")
def done(data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finished cross-validation, called twice."""
    folder = tmp_path_factory.mktemp("folds")
    segmenter = {**TINY_SEGMENTER, "patch_px": 64, "unlabelled_weight": 0.5, "schedule": ONE_EPOCH}
    config = write_config(
        folder,
        data={"sources": {"frames": {}, "patches": {"complete": False}, "synthetic": {}}},
        synthetic={"fields": 2, "field_px": 256, "cases": 2},
        augment={"stain_exchange": 0.5, "light": 0.1, "noise": 2, "jpeg": 60},
        segmenter=segmenter,
        classifier={
            **EDGE_CLASSIFIER, "flips": True, "mining_stains": 1, "mix": {"nucleus": 0.2},
            "schedule": ONE_EPOCH,
            "ensemble": [
                {"crop_px": 48, "scale": [0.8, 1.25]}, {"crop_px": 64, "scale": [0.6, 1.6]}
            ],
        },
    )  # fmt: skip
    command = ["crossvalidate", data / "frames", data / "patches", "--config", config, "--out"]
    first = mitokeras(*command, folder / "cv")
    assert first.returncode == 0, first.stderr
    kept = sha256_of(folder / "cv" / "final" / "classifier.keras")
    again = mitokeras(*command, folder / "cv")
    assert again.returncode == 0, again.stderr
    assert again.stdout == first.stdout
    assert "epoch 1" not in again.stderr
    assert sha256_of(folder / "cv" / "final" / "classifier.keras") == kept
    assert not any((folder / "cv").glob("*/checkpoints"))
    return folder / "cv"


def test_every_case_is_scored_once_by_those_that_have_not_seen_it(done: Path) -> None:
    held_out: list[str] = []
    for fold in ("fold_1", "fold_2"):
        record = json.loads((done / fold / "run.json").read_text())
        cases = {split: set() for split in ("train", "test")}  # type: dict[str, set[str]]
        for field in record["fields"]:
            cases[field["split"]].add(field["case"])
        assert not cases["train"] & cases["test"]
        assert any(case.startswith("synthetic/") for case in cases["train"])
        held_out += cases["test"]
    assert len(held_out) == len(set(held_out)) == 10
    for run in ("fold_1", "fold_2", "final"):
        learned = [f for f in json.loads((done / run / "run.json").read_text())["fields"]
                   if f["split"] != "test"]  # fmt: skip
        with np.load(done / run / TISSUE_FILE, allow_pickle=False) as tissue:
            assert len(tissue["sizes"]) == len(learned)
    with (done / "final" / "history.csv").open() as file:
        assert [line.split(",")[0] for line in file][1:] == [
            "segmenter", "classifier-1", "classifier-2"
        ]  # fmt: skip
    final = json.loads((done / "final" / "run.json").read_text())
    assert {field["split"] for field in final["fields"]} == {"train"}

    scores = json.loads((done / "final" / "crossvalidation.json").read_text())
    assert list(scores["sources"]) == ["frames", "patches"]
    assert scores["sources"]["frames"]["fields"] == 4
    assert scores["sources"]["patches"]["both"]["fp"] is None
    spec = read_spec(done / "final")
    assert spec.thresholds.model_dump() == scores["thresholds"]
    folds = [read_spec(done / f"fold_{n}").thresholds.model_dump() for n in (1, 2)]
    assert folds == scores["thresholds_of_folds"]
    table = (done / "crossvalidation.md").read_text()
    assert "| frames | both stages |" in table
    assert "| patches | stage 1 | 6 |" in table
    assert "| threshold of stage 2 | false / mm2 | recall |" in table


def test_other_settings_are_refused(done: Path, data: Path) -> None:
    other = call("crossvalidate", data / "frames", "--out", done)
    assert other.exit_code == 1
    assert "was begun with another" in other.stderr


def test_a_quantised_bundle_has_thresholds_and_scores_of_quantised_folds(
    done: Path, tmp_path: Path
) -> None:
    out = tmp_path / "bundle"
    exported = call("export", done, "--format", "tflite", "--quantize", "int8", "--out", out)
    assert exported.exit_code == 0, exported.stderr
    scores = json.loads((out / "crossvalidation.json").read_text())
    assert sorted(scores["sources"]) == ["frames", "frames, int8", "patches", "patches, int8"]
    spec = read_spec(out)
    assert spec.thresholds_chosen.endswith("anew for int8")
    folds = done / "exports" / "tflite-int8"
    assert sorted(path.name for path in folds.iterdir()) == ["fold_1", "fold_2"]
    of_fold = read_spec(folds / "fold_1").thresholds_chosen
    assert of_fold == f"{read_spec(done / 'fold_1').thresholds_chosen}; anew for int8"
    card = (out / "MODEL_CARD.md").read_text("utf-8")
    assert "| frames, int8 | both stages |" in card
    found = Detector.load(out).find(np.full((200, 200, 3), 220, np.uint8), 0.25)
    assert set(found.accepted) <= {True, False}
