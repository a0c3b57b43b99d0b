"""Fine-tuning from a run whose networks are random, and from what is no start."""

import json
import shutil
import time
from pathlib import Path

import keras
import numpy as np
import pytest

from mitokeras.data.store import Store
from mitokeras.data.synthetic.writer import write_synthetic
from mitokeras.detect.spec import ModelFile
from mitokeras.detector import Detector
from mitokeras.disk.files import sha256_of
from mitokeras.errors import ConfigError, ModelError
from mitokeras.models.saving import save_model
from mitokeras.models.segmenters import build_segmenter
from mitokeras.run.config import Config
from mitokeras.run.folder import RunFolder
from mitokeras.run.presets import QUICK
from mitokeras.run.record import RunRecord, RunSettings, read_record
from mitokeras.runners.keras import load_model
from mitokeras.score.fair import learned_images
from mitokeras.train.networks import crop_classifier, patch_classifier, segmenter_network
from mitokeras.train.prepare import RunData
from mitokeras.train.start import (
    EARLY_LAYERS,
    check_start,
    freeze,
    from_start,
    notes_on_start,
    read_start,
)
from tests.export_runs import rewrite
from tests.runs import SMALL, call, mitokeras, start

CONFIG = QUICK.updated({**SMALL, "classifier": {**SMALL["classifier"], "flips": True}})
SCHEDULE = {"batch": 4, "steps_per_epoch": 2, "epochs": 2, "decay": "constant"}
FEW_STEPS = {
    "segmenter": {"schedule": SCHEDULE},
    "classifier": {"schedule": SCHEDULE},
    "data": {"sources": {"own": {"license": "CC0-1.0"}}, "weights_license": "CC0-1.0"},
}
SAME_FILES = (
    "segmenter.keras",
    "classifier.keras",
    "detector.json",
    "metrics.json",
    "history.csv",
)


def with_moments(model: keras.Model) -> keras.Model:
    """Moments that no fresh network has."""
    for layer in model._flatten_layers():
        if isinstance(layer, keras.layers.BatchNormalization):
            layer.moving_mean.assign(0.1 + layer.moving_mean)
    return model


@pytest.fixture(scope="module")
def trained(finished_run: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finished run of `CONFIG`."""
    root = Path(shutil.copytree(finished_run, tmp_path_factory.mktemp("start") / "first"))
    keras.utils.set_random_seed(4)
    save_model(with_moments(segmenter_network(CONFIG, 128)), root / "segmenter.keras")
    save_model(with_moments(crop_classifier(CONFIG)), root / "classifier.keras")
    record = read_record(root)
    settings = record.settings.changed(config=CONFIG)
    rewrite(root / "run.json", settings=settings.to_json())
    names = ("segmenter", "classifier")
    models = {name: ModelFile.of(root / f"{name}.keras").to_json() for name in names}
    rewrite(root / "detector.json", models=models, tile_px=128, crop_px=64)
    return root


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


def begun(root: Path, trained: Path, **changes: object) -> RunFolder:
    first = read_start(trained)
    settings = RunSettings(
        data=("/own",), preset="x", config=first.config.updated(changes), start=first.record
    )
    return RunFolder.begin(root, settings, first.keep)


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
    assert settings.config.augment == CONFIG.augment
    assert Detector.load(tuned).spec.tile_px == 128
    assert not (tuned / "checkpoints").exists()


def test_what_the_start_has_learned_is_learned(trained: Path, tuned: Path) -> None:
    own = {each.sha256 for each in read_record(tuned).fields if each.split != "test"}
    before = learned_images(trained)
    assert before is not None and len(before) == 15
    assert learned_images(tuned) == own | before
    done = call("evaluate", trained / "synthetic", "--model", tuned)
    assert "15 of 20 fields are left out" in done.stderr


def test_a_fine_tuned_run_is_a_start(tuned: Path) -> None:
    first = read_start(tuned)
    assert [origin.name for origin in first.record.origins] == [
        "the weights of tuned",
        "the data set own",
        "the weights of first",
    ]
    assert first.record.origins[2].license == "Apache-2.0"  # of drawn fields
    assert first.learned == learned_images(tuned)


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


def test_a_checkpoint_is_as_frozen_as_its_network(tmp_path: Path) -> None:
    network = segmenter_network(Config().updated({"segmenter": {"model": "lite0"}}), 64)
    freeze(network, EARLY_LAYERS["lite0"])
    network.compile("sgd", "mse")
    save_model(network, tmp_path / "last.keras")
    again = keras.saving.load_model(tmp_path / "last.keras")
    frozen = [layer.name for layer in again.layers if not layer.trainable and layer.weights]
    convolutions = {name for name in frozen if name.endswith("conv")}
    assert len(convolutions) == 1 + 2 + 4 * 3  # the stem, block 0, and four with an expansion
    assert all(name.startswith(("stem_", *(f"block_{n}_" for n in range(5)))) for name in
               convolutions)  # fmt: skip
    assert set(frozen) - convolutions == {
        layer.name for layer in network.layers if isinstance(layer, keras.layers.BatchNormalization)
    }
    before = {each.path: each.numpy() for each in again.weights}
    rng = np.random.default_rng(0)
    images = rng.integers(0, 256, (2, 64, 64, 3)).astype("float32")
    again.train_on_batch(images, np.ones((2, 64, 64, 1), "float32"))
    moved = {each.path for each in again.weights if (before[each.path] != each.numpy()).any()}
    assert moved
    assert not {path for path in moved if path.split("/")[0] in frozen}


def test_a_classifier_of_crops_gives_its_weights_to_one_of_patches(
    tmp_path: Path, trained: Path
) -> None:
    """The file of a run takes crops, and here four of each; training has enlarged patches."""
    run = begun(tmp_path / "run", trained)
    weights = load_model(trained / "classifier.keras").get_weights()
    network = from_start(run, "classifier", patch_classifier(run.settings.config))
    assert network.input_shape == (None, 32, 32, 3)
    for one, other in zip(network.get_weights(), weights, strict=True):
        np.testing.assert_array_equal(one, other)


def test_other_networks_and_other_first_weights_are_refused(tmp_path: Path, trained: Path) -> None:
    for number, (changes, line) in enumerate(
        (
            ({"segmenter": {"width": 16}}, "segmenter.model tiny must be the network of the start"),
            ({"classifier": {"model": "lite0"}}, "classifier.model lite0 must be the network"),
            ({"classifier": {"weights": "imagenet"}}, "classifier.weights must be none"),
        )
    ):
        with pytest.raises(ConfigError, match=line):
            check_start(begun(tmp_path / str(number), trained, **changes))
    check_start(RunFolder(tmp_path, RunSettings(preset="quick", config=QUICK)))


def test_weights_that_changed_in_the_run_are_refused(tmp_path: Path, trained: Path) -> None:
    run = begun(tmp_path / "run", trained)
    check_start(run)
    save_model(build_segmenter("tiny", input_px=128), run.start_folder / "segmenter.keras")
    with pytest.raises(ModelError, match=r"segmenter\.keras: has changed since"):
        check_start(run)


def test_a_score_on_what_the_start_has_seen_is_called_optimistic(
    trained: Path, tmp_path: Path
) -> None:
    """The start has learned from the first 15 of its fields."""
    run = begun(tmp_path / "run", trained)
    with Store(trained / "store.h5") as store:
        splits = ("validation",) * 4 + ("test",) * 2 + ("train",) * 9 + ("test",) * 5
        (note,) = notes_on_start(run, RunData(store, splits, ()))
        assert note.startswith("the start has learned from 6 of the 11 validation and test fields")
        unseen = ("train",) * 15 + ("validation",) * 2 + ("test",) * 3
        assert notes_on_start(run, RunData(store, unseen, ())) == ()


@pytest.mark.parametrize(
    ("missing", "line"),
    [
        ("detector.json", "must be a finished run or bundle"),
        ("segmenter.keras", "segmenter.keras"),
        ("run.json", "has no config.json. To start from it must be a finished run, or a bundle of"),
    ],
)
def test_what_is_no_start(trained: Path, tmp_path: Path, missing: str, line: str) -> None:
    folder = Path(shutil.copytree(trained, tmp_path / "copy"))
    (folder / missing).unlink()
    with pytest.raises(ModelError, match=line) as error:
        read_start(folder)
    assert "\n" not in str(error.value)


def test_a_bundle_without_weights_or_without_what_it_learned(
    tflite_bundle: Path, trained: Path, tmp_path: Path
) -> None:
    with pytest.raises(ModelError, match=r"has no segmenter\.keras"):
        read_start(tflite_bundle)
    folder = Path(shutil.copytree(tflite_bundle, tmp_path / "bundle"))
    for name in ("segmenter.keras", "classifier.keras"):
        shutil.copy(trained / name, folder)
    (folder / "config.json").write_text(json.dumps(CONFIG.to_json()))
    assert read_start(folder).record.origins[0].license == ""  # nothing says it
    (folder / "start.json").write_text("{}")
    with pytest.raises(ModelError, match=r"start\.json: 'name'"):
        read_start(folder)
    (folder / "start.json").unlink()
    (folder / "learned_images.json").unlink()
    with pytest.raises(ModelError, match=r"learned_images\.json: missing"):
        read_start(folder)
    (folder / "config.json").write_text('{"sed": 1}')
    with pytest.raises(ConfigError, match=r"config\.json: unknown key 'sed'"):
        read_start(folder)


def test_a_record_of_before_has_no_start(trained: Path) -> None:
    values = json.loads((trained / "run.json").read_text())
    del values["settings"]["start"], values["learned_before"]
    record = RunRecord.model_validate(values)
    assert record.settings.start is None
    assert len(record.learned) == 15


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
