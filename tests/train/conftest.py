"""Shared by the tests of fine-tuning."""

import shutil
from pathlib import Path

import keras
import pytest

from mitokeras.detect.spec import ModelFile
from mitokeras.models.saving import save_model
from mitokeras.run.presets import QUICK
from mitokeras.run.record import read_record
from mitokeras.train.networks import crop_network, segmenter_network
from tests.export_runs import rewrite
from tests.runs import SMALL


def with_moments(model: keras.Model) -> keras.Model:
    """Moments that no fresh network has."""
    for layer in model._flatten_layers():
        if isinstance(layer, keras.layers.BatchNormalization):
            layer.moving_mean.assign(0.1 + layer.moving_mean)
    return model


@pytest.fixture(scope="package")
def trained(finished_run: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finished run of small random networks, to start from; copy it before you change it."""
    members = [{"crop_px": 48, "scale": [0.8, 1.25]}, {"crop_px": 64, "scale": [0.6, 1.6]}]
    classifier = {**SMALL["classifier"], "flips": True, "ensemble": members}
    config = QUICK.updated({**SMALL, "classifier": classifier})
    root = Path(shutil.copytree(finished_run, tmp_path_factory.mktemp("start") / "first"))
    keras.utils.set_random_seed(4)
    save_model(with_moments(segmenter_network(config, 128)), root / "segmenter.keras")
    save_model(
        with_moments(crop_network(config.classifier, config.classifier.crop_px)),
        root / "classifier.keras",
    )
    record = read_record(root)
    settings = record.settings.changed(config=config)
    rewrite(root / "run.json", settings=settings.to_json())
    names = ("segmenter", "classifier")
    models = {name: ModelFile.of(root / f"{name}.keras").to_json() for name in names}
    rewrite(root / "detector.json", models=models, tile_px=128, crop_px=64)
    return root
