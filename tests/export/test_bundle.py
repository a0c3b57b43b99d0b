import json
import re
import shutil
import zipfile
from pathlib import Path

import cv2
import numpy as np
import pytest

from mitokeras.data.known_tissue import TISSUE_FILE
from mitokeras.data.readers import read_dataset
from mitokeras.data.stain_range import STAIN_FILE
from mitokeras.data.store import Store, write_store
from mitokeras.detect.learned import LEARNED_FILE
from mitokeras.detect.spec import read_spec
from mitokeras.detector import Detector
from mitokeras.disk.files import sha256_of
from mitokeras.errors import DataError, MitokerasError, ModelError
from mitokeras.export.bundle import export_run
from mitokeras.export.parity import measure
from mitokeras.score.fair import evaluate
from tests.conftest import ROOT
from tests.export_runs import rewrite, write_run

FILES = {"detector.json", "parity.json", "MODEL_CARD.md", LEARNED_FILE, TISSUE_FILE, STAIN_FILE}


@pytest.fixture(scope="module")
def tflite(finished_run: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return export_run(finished_run, tmp_path_factory.mktemp("tflite") / "bundle", "tflite").folder


@pytest.fixture
def run(finished_run: Path, tmp_path: Path) -> Path:
    """A copy to spoil."""
    return Path(shutil.copytree(finished_run, tmp_path / "run"))


def refuse(run: Path, out: Path, format: str = "tflite", quantize: str = "none") -> str:
    """Export; what it says, after a look that nothing is left."""
    before = sorted(out.parent.rglob("*"))
    with pytest.raises(MitokerasError) as error:
        export_run(run, out, format, quantize)
    assert sorted(out.parent.rglob("*")) == before
    assert "\n" not in str(error.value)
    return str(error.value)


def check_bundle(folder: Path, run: Path) -> dict:
    """What all bundles have in common; their parity."""
    spec = read_spec(folder)
    parity = json.loads((folder / "parity.json").read_text())
    if parity["quantize"] == "none":
        assert spec.changed(models={}) == read_spec(run).changed(models={})
    else:
        assert spec.thresholds_chosen.endswith("anew for the quantised networks")
    assert set(parity["files"]) == {model.file for model in spec.models.values()}
    assert parity["detections"]["fields"] == 20
    assert parity["detections"]["keras"] > 20
    assert parity["validation"]["keras_f1"] == pytest.approx(
        json.loads((run / "metrics.json").read_text())["validation"]["both"]["f1"]
    )
    assert "Not a medical device" in (folder / "MODEL_CARD.md").read_text()
    learned = json.loads((folder / LEARNED_FILE).read_text())
    images = sorted((run / "synthetic" / "images").iterdir())
    assert learned == sorted(map(sha256_of, images[:15]))
    for name in (TISSUE_FILE, STAIN_FILE):
        assert (folder / name).read_bytes() == (run / name).read_bytes()
    return parity


def check_float(parity: dict) -> None:
    for network in parity["networks"].values():
        assert network["max_difference"] <= 1e-4
        assert network["mismatches_per_million"] == 0
    found = parity["detections"]
    assert found["paired_within_1_px"] >= 0.995 * found["keras"]
    assert parity["validation"]["drop"] == pytest.approx(0, abs=0.02)


def check_without_mitokeras(runtime: str, bundle: Path, run: Path) -> None:
    """The example of docs/export.md, word for word, against the Keras model."""
    text = (ROOT / "docs" / "export.md").read_text("utf-8")
    examples = re.findall(r"```python\n(.*?)```", text, flags=re.DOTALL)
    (example,) = (code for code in examples if runtime in code)
    names: dict = {}
    exec(example.replace("BUNDLE", str(bundle)), names)
    expected = Detector.load(run).segmenter(names["tile"])
    assert expected.std() > 0
    np.testing.assert_allclose(names["probability"][..., 0], expected, atol=1e-4)


def test_tflite(tflite: Path, finished_run: Path) -> None:
    assert {path.name for path in tflite.iterdir()} == {
        *FILES,
        "segmenter.tflite",
        "classifier.tflite",
    }
    measured = check_bundle(tflite, finished_run)
    check_float(measured)
    facts = measured["files"]["segmenter.tflite"]
    assert {"CONV_2D", "DEPTHWISE_CONV_2D"} < set(facts["operators"])
    assert set(facts["outside_xnnpack"]) <= {"CAST", "MAX_POOL_2D"}
    check_without_mitokeras("ai_edge_litert", tflite, finished_run)
    with zipfile.ZipFile(tflite / "segmenter.tflite") as attached:
        assert set(attached.namelist()) == {"labels.txt", "detector.json"}


def test_onnx(finished_run: Path, tmp_path: Path) -> None:
    exported = export_run(finished_run, tmp_path / "bundle", "onnx")
    assert {"segmenter.onnx", "classifier.onnx"} == set(exported.files)
    check_float(check_bundle(exported.folder, finished_run))
    check_without_mitokeras("onnxruntime", exported.folder, finished_run)


def test_savedmodel_versions(finished_run: Path, tmp_path: Path) -> None:
    base = tmp_path / "serving" / "mitosis"
    first = export_run(finished_run, base, "savedmodel").folder
    assert first == base / "1"
    before = sha256_of(first / "saved_model.pb")
    assert export_run(finished_run, base, "savedmodel").folder == base / "2"
    assert sha256_of(first / "saved_model.pb") == before
    assert {path.name for path in base.iterdir()} == {
        "1",
        "2",
        "models.config",
        "batching_parameters.txt",
    }
    measured = check_bundle(first, finished_run)
    check_float(measured)
    found = measured["detect_signature"]
    assert found["paired_within_1_px"] >= 0.995 * found["keras"]
    image = np.full((70, 110, 3), 200, np.uint8)
    newest = Detector.load(base).find(image, 0.25)
    np.testing.assert_allclose(newest.xy, Detector.load(first).find(image, 0.25).xy)


def test_thresholds_that_were_not_chosen_anew_say_so(run: Path, tmp_path: Path) -> None:
    """A run without validation fields has none to choose them on."""
    fields = json.loads((run / "run.json").read_text())["fields"]
    train = [{**each, "split": each["split"].replace("validation", "train")} for each in fields]
    rewrite(run / "run.json", fields=train)
    rewrite(run / "metrics.json", validation=None)
    exported = export_run(run, tmp_path / "bundle", "tflite", "float16")
    spec, before = read_spec(exported.folder), read_spec(run)
    assert spec.thresholds == before.thresholds
    assert spec.thresholds_chosen == f"{before.thresholds_chosen}; not chosen anew for float16"
    assert exported.thresholds_chosen == spec.thresholds_chosen
    card = " ".join((exported.folder / "MODEL_CARD.md").read_text().split())
    assert "not chosen anew for float16" in card


@pytest.mark.parametrize("quantize", ["float16", "dynamic", "int8"])
def test_quantized_tflite(finished_run: Path, tmp_path: Path, quantize: str, tflite: Path) -> None:
    exported = export_run(finished_run, tmp_path / "bundle", "tflite", quantize)
    measured = check_bundle(exported.folder, finished_run)
    assert measured["tolerance"] is None
    # Random networks have no margins, so that only the probabilities say something.
    assert 0 < measured["networks"]["segmenter"]["mean_difference"] < 0.05
    whole = sum(path.stat().st_size for path in tflite.glob("*.tflite"))
    assert sum(exported.files.values()) < 0.7 * whole
    images = 100 if quantize == "int8" else 0
    assert measured["files"]["segmenter.tflite"]["calibration_images"] == images


def test_a_bundle_is_evaluated_without_what_it_learned(
    finished_run: Path, tflite: Path, tmp_path: Path
) -> None:
    fields = read_dataset(finished_run / "synthetic").fields
    of_run = evaluate(Detector.load(finished_run), fields, finished_run)
    of_bundle = evaluate(Detector.load(tflite, threads=1), fields, tflite)
    assert of_bundle.fields == of_run.fields == 5
    assert of_bundle.segmenter.fp == pytest.approx(of_run.segmenter.fp, abs=1)
    assert "15 of 20 fields are left out" in of_bundle.notes[0]


def test_same_run_same_bytes(finished_run: Path, tflite: Path, tmp_path: Path) -> None:
    again = export_run(finished_run, tmp_path / "again", "tflite").folder
    for name in ("segmenter.tflite", "classifier.tflite", "detector.json"):
        assert sha256_of(again / name) == sha256_of(tflite / name)


def test_a_used_target_is_left_alone(finished_run: Path, tmp_path: Path) -> None:
    out = tmp_path / "bundle"
    out.mkdir()
    (out / "mine.txt").write_text("keep")
    assert "must be a new or empty folder" in refuse(finished_run, out)
    assert "integer versions only. Received: mine.txt" in refuse(finished_run, out, "savedmodel")
    assert (out / "mine.txt").read_text() == "keep"


def test_what_is_no_whole_run(run: Path, tflite: Path, tmp_path: Path) -> None:
    out = tmp_path / "out" / "bundle"
    assert "must be a run. Received: a bundle" in refuse(tflite, out)
    assert "finished run or bundle" in refuse(tmp_path / "nothing", out)
    spec = json.loads((run / "detector.json").read_text())
    rewrite(run / "detector.json", models={"segmenter": spec["models"]["segmenter"]})
    assert "detector.json: 'models' must name a classifier" in refuse(run, out)
    rewrite(run / "detector.json", **spec)
    rewrite(run / "detector.json", format_version=2)
    assert "a newer mitokeras wrote it" in refuse(run, out)
    rewrite(run / "detector.json", **spec)
    (run / "classifier.keras").rename(tmp_path / "classifier.keras")
    assert "classifier.keras: named in detector.json but missing" in refuse(run, out)
    (run / "classifier.keras").write_bytes((run / "segmenter.keras").read_bytes())
    assert "classifier.keras: its SHA-256 must be" in refuse(run, out)
    shutil.copy(tmp_path / "classifier.keras", run)
    (run / "store.h5").rename(tmp_path / "store.h5")
    assert "store.h5: missing; an export needs the whole run folder" in refuse(run, out)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("run.json", "{"),
        ("run.json", "[]"),
        ("metrics.json", "{"),
        ("metrics.json", '{"validation": {}}'),
        ("detector.json", "[1]"),
    ],
)
def test_spoilt_records_of_a_run(run: Path, tmp_path: Path, name: str, text: str) -> None:
    (run / name).write_text(text)
    assert f"{run / name}: " in refuse(run, tmp_path / "out" / "bundle")


def test_a_record_without_its_fields(run: Path, tmp_path: Path) -> None:
    rewrite(run / "run.json", fields=[{"image": "a.png"}])
    line = refuse(run, tmp_path / "out" / "bundle")
    assert "run.json: not as `mitokeras fit` writes it" in line


def test_a_run_of_another_version_is_exported(run: Path, tmp_path: Path) -> None:
    settings = json.loads((run / "run.json").read_text())["settings"]
    rewrite(run / "run.json", settings={**settings, "version": "0.0.9"})
    assert export_run(run, tmp_path / "bundle", "onnx").folder.is_dir()


def test_the_working_directory_is_no_target(
    finished_run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert "must not be the folder that this runs in" in refuse(finished_run, Path("."))
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real", target_is_directory=True)
    exported = export_run(finished_run, tmp_path / "link", "onnx")
    assert exported.folder == tmp_path / "real"
    assert (tmp_path / "link" / "detector.json").is_file()


def test_sizes_that_the_networks_do_not_have(tflite: Path, tmp_path: Path) -> None:
    bundle = Path(shutil.copytree(tflite, tmp_path / "bundle"))
    rewrite(bundle / "detector.json", tile_px=128)
    with pytest.raises(ModelError, match=r"segmenter\.tflite: must take images of 128 px"):
        Detector.load(bundle)


def test_unknown_format_and_quantization(finished_run: Path, tmp_path: Path) -> None:
    assert "format must be one of tflite, onnx, savedmodel. Received: coreml" in refuse(
        finished_run, tmp_path / "out", "coreml"
    )
    assert "quantize of format onnx must be one of none. Received: int8" in refuse(
        finished_run, tmp_path / "out", "onnx", "int8"
    )


def test_calibration_needs_tissue(run: Path, tmp_path: Path) -> None:
    dataset = read_dataset(run / "synthetic")
    for field in dataset.fields:
        image = cv2.imread(str(field.image))
        cv2.imwrite(str(field.image), np.full_like(image, 245))
    (run / "store.h5").unlink()
    write_store(dataset.fields, run / "store.h5", 0.25, None)
    with Store(run / "store.h5") as store:
        rewrite(run / "detector.json", data_sha256=store.data_sha256)
    with pytest.raises(DataError, match="int8 needs training fields with tissue"):
        export_run(run, tmp_path / "bundle", "tflite", "int8")
    assert not (tmp_path / "bundle").exists()


def test_another_store_is_refused(run: Path, tmp_path: Path) -> None:
    rewrite(run / "detector.json", data_sha256="0" * 64)
    assert "is not the store that the run was trained on" in refuse(run, tmp_path / "out" / "b")


def test_an_artefact_that_differs_is_not_exported(
    finished_run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(measure, "TOLERANCE", 1e-12)
    line = refuse(finished_run, tmp_path / "deep" / "bundle", "tflite")
    assert "the exported segmenter must give the probabilities of the Keras model to 1e-12" in line


def test_macenko_runs_are_exported(tmp_path: Path) -> None:
    from mitokeras.data.stain import DEFAULT_NORMALIZER

    stain = {"policy": "macenko", **DEFAULT_NORMALIZER.to_json()}
    run = write_run(tmp_path / "run", stain=stain)
    exported = export_run(run, tmp_path / "serving", "savedmodel")
    found = exported.parity.detect_signature
    assert found.paired_within_1_px >= 0.98 * found.keras
    assert exported.parity.detections.unpaired_allowed < found.unpaired_allowed
