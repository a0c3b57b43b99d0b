"""`mitokeras info` on what is installed, shipped models, bundles and runs."""

import json
import re
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

from mitokeras import __version__
from mitokeras.cli.main import main
from mitokeras.detect.spec import read_spec
from tests.detectors import add_subtyper
from tests.test_package import run_without


def info(*arguments: object) -> str:
    done = CliRunner().invoke(main, ["info", *map(str, arguments)])
    assert done.exit_code == 0, done.output
    return done.stdout


def refused(model: Path) -> str:
    done = CliRunner().invoke(main, ["info", str(model)])
    assert done.exit_code == 1
    assert done.stderr.count("\n") == 1, done.stderr
    return done.stderr


@pytest.fixture
def bundle(tflite_bundle: Path, tmp_path: Path) -> Path:
    """A copy to spoil."""
    return Path(shutil.copytree(tflite_bundle, tmp_path / "bundle"))


@pytest.fixture
def run(finished_run: Path, tmp_path: Path) -> Path:
    """What `info` reads of a run, to spoil."""
    folder = tmp_path / "run"
    folder.mkdir()
    for name in ("detector.json", "metrics.json", "segmenter.keras", "classifier.keras"):
        shutil.copy(finished_run / name, folder)
    return folder


def test_without_a_model(shipped: Path) -> None:
    text = info()
    assert f"mitokeras {__version__}, Python 3." in text
    assert "Not a medical device" in text
    size = sum(path.stat().st_size for path in (shipped / "edge").glob("*.tflite")) / 1e6
    assert f"  edge           0.25 um/px, {size:.1f} MB, taken where no --model is given" in text
    assert "  light install  numpy " in text
    assert "  tf             tensorflow " in text


def test_where_nothing_is_shipped(shipped: Path) -> None:
    shutil.rmtree(shipped)
    assert "(`mitokeras info NAME`)\n  none\n" in info()


def test_a_missing_package_and_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    found = {"": {"numpy": "2.0"}, "tf": {"keras": "3.1", "h5py": None}, "ray": {"ray": None}}
    monkeypatch.setattr("mitokeras.cli.installation.packages", lambda: found)
    text = info()
    assert "  light install  numpy 2.0\n" in text
    assert "keras 3.1; missing: h5py (pip install 'mitokeras[tf]')" in text
    assert "  ray            missing: ray (pip install 'mitokeras[ray]')" in text


def test_a_bundle_s_card_and_facts(shipped: Path) -> None:
    text = info("edge")
    card, facts = text.split("Facts of detector.json\n")
    assert "library_name" not in card  # the header for the Hub
    assert "mitokeras quick, TFLite\n=======================" in card
    assert "Not a medical device" in card
    assert "**" not in card
    spec = read_spec(shipped / "edge")
    words = " ".join(facts.split())
    for role, model in spec.models.items():
        size = (shipped / "edge" / model.file).stat().st_size
        assert f"{role} {model.file}, {size:,} bytes, SHA-256 {model.sha256}" in words
    assert "spacing 0.25 um/px tile 96 px, of which 16 px" in words
    assert "stain as it is" in words
    assert f"stage 1 pixels above {spec.segmenter_threshold:g}, more than 20" in words
    assert f"stage 2 accepted from {spec.classifier_threshold:g}" in words
    assert "chosen on 5 validation fields" in words
    assert "protocol midog" in words
    assert info(shipped / "edge") == text


def test_a_run_s_scores_and_facts(run: Path) -> None:
    text = info(run)
    metrics = json.loads((run / "metrics.json").read_text("utf-8"))
    for split in ("validation", "test"):
        assert f"Scores on {split}\n5 fields, 5 cases, 5 mitotic figures\n" in text
        assert f"{metrics[split]['both']['f1']:.3f}" in text
    assert "Facts of detector.json" in text
    assert "segmenter.keras" in text
    (run / "metrics.json").unlink()
    assert info(run).startswith("Facts of detector.json")


def test_a_count_that_is_not_known_is_a_dash(run: Path) -> None:
    path = run / "metrics.json"
    values = json.loads(path.read_text("utf-8"))
    values["test"]["both"]["fp"] = None
    path.write_text(json.dumps(values))
    assert re.search(r"both stages +\d+ +- +\d+ ", info(run))


def test_a_macenko_reference_is_said(run: Path) -> None:
    path = run / "detector.json"
    matrix = [[0.6, 0.2], [0.7, 0.8], [0.4, 0.6]]
    stain = {"policy": "macenko", "stain_matrix": matrix, "max_concentrations": [1.0, 1.0]}
    path.write_text(json.dumps({**json.loads(path.read_text()), "stain": stain}))
    assert "stain          macenko normalisation" in info(run)


@pytest.mark.parametrize("metrics", ["[]", '{"test": {}}', '{"test": {"thresholds": [1]}}'])
def test_scores_that_are_none(run: Path, metrics: str) -> None:
    (run / "metrics.json").write_text(metrics)
    assert f"{run / 'metrics.json'}: not as `mitokeras fit` writes it" in refused(run)


def test_a_card_that_is_no_text(bundle: Path) -> None:
    card = bundle / "MODEL_CARD.md"
    card.write_bytes(b"\xff\xfe")
    assert f"{card}: must be text in UTF-8" in refused(bundle)
    card.write_bytes(b"a" * 1_000_001)
    assert f"{card}: must have at most 1000000 bytes" in refused(bundle)


def test_what_is_no_model(bundle: Path, tmp_path: Path) -> None:
    assert "must be a finished run or bundle" in refused(tmp_path / "nowhere")
    assert "with a detector.json" in refused(tmp_path)
    (bundle / "segmenter.tflite").write_bytes(b"other")
    assert "its SHA-256 must be" in refused(bundle)


def test_it_is_quick_because_it_imports_next_to_nothing(tflite_bundle: Path) -> None:
    """Neither TensorFlow nor NumPy, OpenCV and SciPy, whose import takes longest."""
    for arguments in (["info"], ["info", str(tflite_bundle)]):
        code = f"from mitokeras.cli.main import main; main({arguments!r})"
        done = run_without(("tensorflow", "keras", "numpy", "cv2", "scipy"), code)
        assert (done.returncode, done.stderr) == (0, "")


def test_a_stage_3_its_threshold_and_how_good_it_is(bundle: Path) -> None:
    assert "stage 3" not in info(bundle).partition("Facts of detector.json")[2]
    add_subtyper(bundle)
    words = " ".join(info(bundle).split())
    assert (
        "stage 3 atypical from 0.5, chosen by hand; sensitivity 0.750, specificity 0.850, as "
        "measured" in words
    )
    assert "subtyper classifier.tflite" in words
    add_subtyper(bundle, sensitivity=None)
    words = " ".join(info(bundle).split())
    assert "atypical from 0.5, chosen by hand; how often rightly was not measured" in words
