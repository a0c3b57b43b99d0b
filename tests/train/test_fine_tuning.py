"""A whole fine-tuning, from a run whose networks are random."""

import json
import shutil
import time
from pathlib import Path

import keras
import numpy as np
import pytest
from PIL import Image

from mitokeras.data.synthetic.writer import write_synthetic
from mitokeras.data.views import View
from mitokeras.detect.detector import FieldDetector
from mitokeras.detect.learned import read_learned
from mitokeras.detect.spec import read_spec
from mitokeras.detector import Detector
from mitokeras.disk.files import sha256_of
from mitokeras.report.score_table import gain_text
from mitokeras.review.review import Review
from mitokeras.run.record import read_record
from mitokeras.runners.keras import load_model
from mitokeras.score.crossvalidation import read_crossvalidation
from mitokeras.score.scores import read_metrics
from mitokeras.train.start import read_start
from mitokeras.verdicts.finding import find_predicted
from tests.review.slides import write_predicted
from tests.runs import SAME_FILES, call, mitokeras, start

SCHEDULE = {"batch": 4, "steps_per_epoch": 2, "epochs": 2, "decay": "constant"}
FEW_STEPS = {
    "segmenter": {"schedule": SCHEDULE},
    "classifier": {"schedule": SCHEDULE},
    "data": {"sources": {"own": {"license": "CC0-1.0"}}, "weights_license": "CC0-1.0"},
}


@pytest.fixture(scope="module")
def own(trained: Path) -> Path:
    """Fields of another laboratory."""
    return write_synthetic(trained.parent / "own", 6, seed=9, field_px=192, cases=3)


@pytest.fixture(scope="module")
def asked(trained: Path, own: Path) -> tuple[object, ...]:
    config = trained.parent / "few_steps.json"
    config.write_text(json.dumps(FEW_STEPS))
    return (own, "--start", trained, "--config", config)


@pytest.fixture(scope="module")
def tuned(trained: Path, asked: tuple[object, ...]) -> Path:
    done = mitokeras("fit", *asked, "--out", trained.parent / "tuned")
    assert done.returncode == 0, done.stderr
    return trained.parent / "tuned"


def test_weights_have_moved_and_moments_have_not(trained: Path, tuned: Path) -> None:
    for name in ("segmenter.keras", "classifier.keras"):
        before, after = load_model(trained / name), load_model(tuned / name)
        assert [layer.name for layer in before.layers] == [layer.name for layer in after.layers]
        moved = [
            one.path
            for one, other in zip(before.weights, after.weights, strict=True)
            if not np.array_equal(one.numpy(), other.numpy())
        ]
        kernels = [each.path for each in after.weights if each.path.endswith("kernel")]
        assert set(kernels) <= set(moved)
        normalisers = [
            each.path
            for layer in after._flatten_layers()
            if isinstance(layer, keras.layers.BatchNormalization)
            for each in layer.weights
        ]
        assert normalisers
        assert not set(normalisers) & set(moved)
        assert all(layer.trainable for layer in after._flatten_layers())
        for one, other in zip(before.weights, after.weights, strict=True):  # 4 steps of 1e-4
            assert np.abs(one.numpy() - other.numpy()).max() < 1e-2


def test_the_run_says_what_it_started_from(trained: Path, tuned: Path) -> None:
    settings = read_record(tuned).settings
    assert settings.preset == "first, fine-tuned"
    assert settings.start is not None
    assert settings.start.name == "first"
    for role in ("segmenter", "classifier"):
        known = getattr(settings.start, f"{role}_sha256")
        assert known == sha256_of(trained / f"{role}.keras")
        assert known[:12] in (tuned / "report.html").read_text()
        assert known[:12] in call("info", tuned).stdout
    assert settings.config.segmenter.schedule.learning_rate == 1e-4
    assert settings.config.augment == read_record(trained).settings.config.augment
    assert Detector.load(tuned).spec.tile_px == 128
    assert not (tuned / "checkpoints").exists()


def test_each_field_is_judged_by_networks_that_have_not_seen_it(tuned: Path, trained: Path) -> None:
    record, metrics = read_record(tuned), read_metrics(tuned / "metrics.json")
    assert {each.split for each in record.fields} == {"train"}
    assert metrics.validation is None
    assert metrics.test is None
    assert metrics.unseen is not None
    assert metrics.unseen.fields == 6
    assert metrics.unseen.cases == 3
    assert not any("share" in note for note in record.notes)
    spec = read_spec(tuned)
    assert spec.thresholds_chosen.startswith("on 6 training fields, each judged by networks that")
    crosswise = read_crossvalidation(tuned)
    assert crosswise is not None
    assert crosswise.sources["own"].both.tp == metrics.unseen.both.tp
    assert crosswise.curve == ()  # 0.014 mm2 measure no false rate


def test_the_run_says_whether_it_is_better_than_its_start(
    trained: Path, tuned: Path, own: Path
) -> None:
    metrics = read_metrics(tuned / "metrics.json")
    assert metrics.gain is not None
    assert metrics.gain.start == "first"
    assert metrics.gain.before.thresholds == read_spec(trained).thresholds
    done = call("evaluate", own, "--model", trained, "--json", tuned / "before.json")
    assert done.exit_code == 0, done.output
    before = json.loads((tuned / "before.json").read_text())
    (tuned / "before.json").unlink()
    for count in ("tp", "fp", "fn"):
        assert getattr(metrics.gain.before.both, count) == before["both"][count]
    text = gain_text(metrics.gain)
    assert text.split(". So ")[0] in (tuned / "report.html").read_text()
    assert text[:60] in " ".join(call("info", tuned).stdout.split())


@pytest.mark.slow
def test_the_card_says_what_was_gained_and_what_was_not_learned_from(
    tuned: Path, tmp_path: Path
) -> None:
    done = call("export", tuned, "--format", "tflite", "--out", tmp_path / "bundle")
    assert done.exit_code == 0, done.output
    card = (tmp_path / "bundle" / "MODEL_CARD.md").read_text()
    gained = read_metrics(tuned / "metrics.json").gain
    assert gained is not None
    assert f"Against its start: {gain_text(gained)}." in card
    assert "found, in fields that they had not learned from" in card
    assert FieldDetector.load(tmp_path / "bundle").false_per_mm2 is None


def test_one_field_keeps_the_thresholds_of_the_start(trained: Path, tmp_path: Path) -> None:
    own = write_synthetic(tmp_path / "own", 1, seed=9, field_px=192, cases=1)
    config = tmp_path / "few_steps.json"
    few = {role: {"schedule": SCHEDULE} for role in ("segmenter", "classifier")}
    config.write_text(json.dumps(few))
    done = call("fit", own, "--start", trained, "--config", config, "--out", tmp_path / "run")
    assert done.exit_code == 0, done.output
    spec = read_spec(tmp_path / "run")
    assert spec.thresholds == read_spec(trained).thresholds
    assert spec.thresholds_chosen == "those of first, from which the run started"
    assert read_metrics(tmp_path / "run" / "metrics.json").unseen is None
    (note,) = [each for each in read_record(tmp_path / "run").notes if "thresholds" in each]
    assert note.endswith("and whether the run is better than first is not known")
    assert note[:60] in (tmp_path / "run" / "report.html").read_text()


def test_what_the_start_has_learned_only_trains(
    trained: Path, own: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The start's own data remind it of what it knows, and count for no score."""
    monkeypatch.setattr("mitokeras.data.stain_range.LEAST_MM2", 0.0)
    few = {role: {"schedule": SCHEDULE} for role in ("segmenter", "classifier")}
    config = tmp_path / "few_steps.json"
    config.write_text(json.dumps(few))
    known = Path(shutil.copytree(trained / "synthetic", tmp_path / "known"))
    done = call(
        "fit", own, known, "--start", trained, "--config", config, "--out", tmp_path / "run"
    )
    assert done.exit_code == 0, done.output
    record, metrics = read_record(tmp_path / "run"), read_metrics(tmp_path / "run/metrics.json")
    assert set(record.settings.config.data.sources) == {"own", "known"}
    learned = read_learned(trained).images
    assert learned is not None
    cases = {each.case for each in record.fields if each.sha256 in learned}
    scored = [each for each in record.fields if each.case not in cases]
    assert metrics.unseen is not None
    assert metrics.unseen.fields == len(scored) < len(record.fields)
    left = len(record.fields) - len(scored)
    note = f"the start has learned from tissue of the cases of {left} fields: these only train"
    assert note in record.notes
    before, after = read_learned(trained).stains, read_learned(tmp_path / "run").stains
    assert before is not None and after is not None
    assert after.cases == before.cases + 3, "its cases count once, those of own are new"


def test_what_the_start_has_learned_is_learned(trained: Path, tuned: Path) -> None:
    own = {each.sha256 for each in read_record(tuned).fields if each.split != "test"}
    before = read_learned(trained).images
    assert before is not None and len(before) == 15
    assert read_learned(tuned).images == own | before
    done = call("evaluate", trained / "synthetic", "--model", tuned)
    assert "15 of 20 fields are left out" in done.stderr


def test_the_tissue_of_the_start_is_learned(trained: Path, tuned: Path, tmp_path: Path) -> None:
    """A field that the start alone was trained on comes again as a JPEG."""
    first = min((trained / "synthetic" / "images").iterdir())
    Image.open(first).save(tmp_path / "copy.jpg", quality=90)
    view = View.at(np.asarray(Image.open(tmp_path / "copy.jpg")), 0.25)
    assert read_learned(trained).has_tissue(view.keypoints)
    assert read_learned(tuned).has_tissue(view.keypoints)


def test_the_stains_of_the_start_are_learned(trained: Path, tuned: Path) -> None:
    before = read_learned(trained).stains
    assert before is not None
    assert read_learned(tuned).stains == before  # its own fields are too small to tell


def test_a_fine_tuned_run_is_a_start(tuned: Path) -> None:
    first = read_start(tuned)
    assert [origin.name for origin in first.record.origins] == [
        "the weights of tuned",
        "the data set own",
        "the weights of first",
    ]
    assert first.record.origins[2].license == "Apache-2.0"  # of drawn fields
    assert first.learned == read_learned(tuned).images


@pytest.mark.slow
def test_a_killed_fine_tuning_goes_on_without_its_start(
    trained: Path, tuned: Path, asked: tuple[object, ...], tmp_path: Path
) -> None:
    gone = Path(shutil.copytree(trained, tmp_path / "first"))
    out = tmp_path / "killed"
    data, _, _, *config = asked
    arguments: tuple[object, ...] = (data, "--start", gone, *config)
    for moment in ("segmenter-last-0001.keras", "classifier-last-0001.keras"):
        process = start("fit", "--out", out, *arguments)
        while not (out / "checkpoints" / moment).exists():
            assert process.poll() is None, process.communicate()
            time.sleep(0.002)
        process.kill()
        process.communicate()
        arguments = ("--resume",)
        shutil.rmtree(gone, ignore_errors=True)
    done = mitokeras("fit", "--out", out, "--resume")
    assert done.returncode == 0, done.stderr
    for name in SAME_FILES:
        assert sha256_of(out / name) == sha256_of(tuned / name), name
    assert read_record(out).learned == read_record(tuned).learned


@pytest.mark.parametrize(
    "options", [("DATA", "--preset", "quick"), ("DATA", "--weights", "imagenet"), ()]
)
def test_a_start_has_its_own_configuration(
    trained: Path, own: Path, tmp_path: Path, options: tuple[str, ...]
) -> None:
    given = [own if option == "DATA" else option for option in options]
    done = call("fit", *given, "--start", trained, "--out", tmp_path / "run")
    assert done.exit_code == 1
    assert done.stderr == (
        "Error: --start must come with DATA, and without --preset and --weights\n"
    )
    assert not list(tmp_path.iterdir())


def test_a_run_is_resumed_with_its_start(tuned: Path, asked: tuple[object, ...]) -> None:
    assert call("fit", *asked, "--out", tuned, "--resume").exit_code == 0
    done = call("fit", asked[0], "--start", tuned, "--out", tuned, "--resume")
    assert done.exit_code == 1
    assert "must be resumed with the preset that it was begun with" in done.stderr


def test_a_review_without_a_region_trains_at_the_thresholds_of_the_start(
    trained: Path, tmp_path: Path
) -> None:
    """Nobody has said that anywhere all is known, so nothing can be scored."""
    reviewed = write_predicted(tmp_path)
    (found,) = find_predicted(reviewed, None)
    assert found.slide is not None
    by = Review(found.slide, "anna")
    for number, label in enumerate(("mitosis", "not mitosis", "unsure"), start=1):
        by.judge(number, label, atypical=False)  # type: ignore[arg-type]
    config = tmp_path / "few_steps.json"
    few = {role: {"schedule": SCHEDULE} for role in ("segmenter", "classifier")}
    config.write_text(json.dumps(few))
    out = tmp_path / "run"
    done = call("fit", reviewed, "--start", trained, "--config", config, "--out", out)
    assert done.exit_code == 0, done.output
    assert read_spec(out).thresholds == read_spec(trained).thresholds
    assert read_metrics(out / "metrics.json").unseen is None
    assert any("1 mitosis (mitotic figures)" in note for note in read_record(out).notes)
