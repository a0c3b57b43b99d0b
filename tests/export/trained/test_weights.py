"""A bundle that can be the start of a fine-tuning."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from mitokeras.disk.files import sha256_of
from mitokeras.errors import ConfigError
from mitokeras.export.bundle import export_run
from mitokeras.models.saving import rounded
from mitokeras.run.presets import fine_tuning
from mitokeras.run.record import read_record
from mitokeras.run.start import Origin
from mitokeras.runners.keras import load_model
from mitokeras.train.start import read_start
from tests.export_runs import rewrite

BEFORE = {
    "name": "older",
    "segmenter_sha256": "a" * 64,
    "classifier_sha256": "b" * 64,
    "origins": [{"name": "the weights of older", "license": "MIT", "attribution": "Jane"}],
}
DATA = {
    "sources": {"/home/jane/own": {"license": "CC0-1.0", "incomplete_cases": ["jane_*"]}},
    "weights_license": "CC-BY-4.0",
    "test_cases": ["own/jane_1"],
    "validation_cases": ["own/jane_2"],
}


def test_a_bundle_has_all_that_its_run_has(finished_run: Path, tmp_path: Path) -> None:
    """Of a fine-tuned run: what it started from in its turn is not lost."""
    run = Path(shutil.copytree(finished_run, tmp_path / "run"))
    settings = json.loads((run / "run.json").read_text())["settings"]
    settings["config"]["data"].update(DATA)
    settings["config"]["classifier"]["weights"] = "/home/jane/resnet.keras"
    rewrite(run / "run.json", settings={**settings, "data": ["/home/jane/own"], "start": BEFORE})
    bundle = export_run(run, tmp_path / "run_again", "tflite", with_weights=True).folder

    expected = rounded(load_model(run / "segmenter.keras")).get_weights()
    found = load_model(bundle / "segmenter.keras").get_weights()
    for one, other in zip(found, expected, strict=True):
        np.testing.assert_array_equal(one, other)
    card = (bundle / "MODEL_CARD.md").read_text("utf-8")
    for name in ("segmenter.keras", "classifier.keras", "config.json", "start.json"):
        assert f"| `{name}` | " in card
        assert sha256_of(bundle / name) in card
        assert "jane" not in (bundle / name).read_text("utf-8", errors="ignore")
    assert "`mitokeras fit DATA --start THIS_FOLDER --out RUN` fine-tunes it" in card

    of_run, of_bundle = read_start(run), read_start(bundle)
    assert of_bundle.config == of_run.config == fine_tuning(read_record(run).settings.config)
    assert of_bundle.learned == of_run.learned
    assert len(of_run.learned) == 15
    assert of_bundle.record.origins == (
        Origin(name="the weights of run_again", license="CC-BY-4.0"),
        Origin(name="the data set own", license="CC0-1.0"),
        Origin(name="the weights of older", license="MIT", attribution="Jane"),
    )
    assert of_run.record.origins[1:] == of_bundle.record.origins[1:]
    assert of_bundle.record.classifier_sha256 == sha256_of(bundle / "classifier.keras")


def test_weights_go_with_tflite_alone(finished_run: Path, tmp_path: Path) -> None:
    """The zoos' config.json is another, and a version folder of TF Serving holds what it serves."""
    with pytest.raises(ConfigError, match=r"format tflite\. Received: onnx"):
        export_run(finished_run, tmp_path / "bundle", "onnx", with_weights=True)
