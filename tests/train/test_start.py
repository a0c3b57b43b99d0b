"""What can be the start of a fine-tuning, and what of it stays as it is."""

import json
import shutil
from pathlib import Path

import keras
import numpy as np
import pytest

from mitokeras.data.known_tissue import TISSUE_FILE
from mitokeras.detect.detector import FieldDetector
from mitokeras.errors import ConfigError, ModelError
from mitokeras.models.saving import save_model
from mitokeras.models.segmenters import build_segmenter
from mitokeras.run.config import Config
from mitokeras.run.folder import RunFolder
from mitokeras.run.presets import QUICK
from mitokeras.run.record import RunRecord, RunSettings, read_record
from mitokeras.runners.keras import load_model
from mitokeras.train.networks import patch_network, segmenter_network
from mitokeras.train.start import (
    EARLY_LAYERS,
    check_start,
    freeze,
    from_start,
    read_start,
)


def begun(root: Path, trained: Path, **changes: object) -> RunFolder:
    first = read_start(trained)
    settings = RunSettings(
        data=("/own",), preset="x", config=first.config.updated(changes), start=first.record
    )
    return RunFolder.begin(root, settings, first.keep)


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
    """The file of a run has four mirror images of each crop, training patches; both are here an
    ensemble's."""
    run = begun(tmp_path / "run", trained)
    weights = load_model(trained / "classifier.keras").get_weights()
    network = from_start(run, "classifier", patch_network(run.settings.config.classifier))
    assert network.input_shape == (None, 64, 64, 3)
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


def test_what_a_run_keeps_of_its_start_is_a_detector(trained: Path, tmp_path: Path) -> None:
    kept = FieldDetector.load(begun(tmp_path / "run", trained).start_folder)
    start = FieldDetector.load(trained)
    assert kept.spec.changed(models=start.spec.models) == start.spec
    image = np.random.default_rng(0).integers(0, 256, (200, 170, 3), np.uint8)
    np.testing.assert_array_equal(kept.probability(image), start.probability(image))


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
    (folder / "config.json").write_text(json.dumps(read_record(trained).settings.config.to_json()))
    assert read_start(folder).record.origins[0].license == ""  # nothing says it
    (folder / "start.json").write_text("{}")
    with pytest.raises(ModelError, match=r"start\.json: 'name'"):
        read_start(folder)
    (folder / "start.json").unlink()
    (folder / TISSUE_FILE).rename(tmp_path / TISSUE_FILE)
    with pytest.raises(ModelError, match=r"has no learned_tissue\.npz"):
        read_start(folder)
    (tmp_path / TISSUE_FILE).rename(folder / TISSUE_FILE)
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
