"""Bundles of a run with a stage 3, in each format."""

import json
import zipfile
from pathlib import Path

import cv2
import numpy as np
import onnx
import pytest
import tensorflow as tf

from mitokeras.detect.spec import read_spec
from mitokeras.detector import Detector
from mitokeras.disk.files import sha256_of
from mitokeras.export.bundle import export_run
from mitokeras.export.savedmodel.warmup import WARMUP_FILE
from mitokeras.runners.savedmodel import signatures
from mitokeras.train.start import read_start


@pytest.fixture(scope="module")
def field(subtyping_run: Path) -> np.ndarray:
    image = sorted((subtyping_run / "synthetic" / "images").glob("*.png"))[10]
    return np.ascontiguousarray(cv2.imread(str(image))[..., ::-1])


def check_equal(run: Path, bundle: Path) -> None:
    """What stage 3 says is what it says in Keras."""
    parity = json.loads((bundle / "parity.json").read_text())
    assert parity["networks"]["subtyper"]["max_difference"] < 1e-4
    assert parity["detections"]["atypical_max_difference"] < 1e-4
    compared = parity["subtyping"]
    assert (compared["split"], compared["normal"], compared["atypical"]) == ("validation", 10, 10)
    assert compared["drop"] == pytest.approx(0, abs=0.06)  # a figure on the threshold
    assert read_spec(bundle).subtyping == read_spec(run).subtyping
    card = (bundle / "MODEL_CARD.md").read_text("utf-8")
    assert "## Stage 3" in card
    assert "20 normal and 20 atypical figures of the training fields" in card


def test_onnx(subtyping_run: Path, tmp_path: Path) -> None:
    bundle = export_run(subtyping_run, tmp_path / "bundle", "onnx").folder
    check_equal(subtyping_run, bundle)
    threshold = read_spec(bundle).subtyping.threshold
    facts = {each.key: each.value for each in onnx.load(bundle / "subtyper.onnx").metadata_props}
    assert facts["role"] == "subtyper"
    assert facts["subtyper_threshold"] == str(threshold)
    assert "- source: subtyper.onnx" in (bundle / "rdf.yaml").read_text("utf-8")


def test_savedmodel(subtyping_run: Path, field: np.ndarray, tmp_path: Path) -> None:
    version = export_run(subtyping_run, tmp_path / "serving", "savedmodel").folder
    check_equal(subtyping_run, version)
    wanted = Detector.load(subtyping_run).find(field, 0.25)
    assert 0 < wanted.accepted.sum() < len(wanted)
    found = signatures(version)["detect"](image=field)
    np.testing.assert_allclose(found["atypical_score"], wanted.atypical_score, atol=1e-4)
    loaded = signatures(version)["subtype"]
    assert loaded.structured_input_signature[1]["image"].shape.as_list() == [None, 32, 32, 3]
    assert len(list(tf.data.TFRecordDataset(str(version / WARMUP_FILE)))) == 3


def test_a_quantised_bundle_that_can_be_a_start(subtyping_run: Path, tmp_path: Path) -> None:
    out = tmp_path / "bundle"
    exported = export_run(subtyping_run, out, "tflite", "int8", with_weights=True)
    facts = exported.parity.files["subtyper.tflite"]
    assert facts.calibration_images == 40  # all of the training fields
    with zipfile.ZipFile(out / "subtyper.tflite") as attached:
        assert attached.read("labels.txt") == b"atypical mitotic figure\n"
    before, after = read_spec(subtyping_run).subtyping, read_spec(out).subtyping
    assert after.chosen == f"{before.chosen}; anew for the quantised networks"
    scored = exported.parity.subtyping
    detector = Detector.load(out, threads=1)
    assert detector.subtyper is not None
    assert scored.artefact_balanced_accuracy == pytest.approx(
        scored.keras_balanced_accuracy - scored.drop
    )
    assert read_start(out).record.subtyper_sha256 == sha256_of(out / "subtyper.keras")
