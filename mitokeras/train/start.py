"""Fine-tuning: trained weights that the networks start from, and what of them stays as it is.

The data that the weights were learned from are not there, so nothing would keep their knowledge but
what is frozen. Moments of batch normalisation of a few fields from one laboratory would be that
laboratory's; and what an early layer of a pre-trained encoder sees, edges and grain, is no other in
the next one.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import keras

from mitokeras.data.known_tissue import TISSUE_FILE, KnownTissue
from mitokeras.detect.folder import model_folder
from mitokeras.detect.learned import LEARNED_FILE, Learned, copy_learned, read_learned
from mitokeras.detect.spec import DETECTOR_FILE, ModelFile, read_spec
from mitokeras.disk.files import read_json, sha256_of, write_json
from mitokeras.disk.records import parse
from mitokeras.errors import ConfigError, ModelError
from mitokeras.models.efficientnet_lite import trunk_layers
from mitokeras.run.config import Config, read_config
from mitokeras.run.folder import RunFolder
from mitokeras.run.presets import fine_tuning
from mitokeras.run.record import RUN_FILE, RunSettings, read_record
from mitokeras.run.start import Origin, StartRecord
from mitokeras.runners.keras import load_model
from mitokeras.runners.runner import ROLES, Role
from mitokeras.train.networks import patch_network, segmenter_network

WEIGHTS: Mapping[Role, str] = {role: f"{role}.keras" for role in ROLES}
"""Name of the file of each network's weights, in a run as in a bundle that can be a start."""

CONFIG_FILE = "config.json"
"""In such a bundle: the configuration that its run was trained by."""

START_FILE = "start.json"
"""In such a bundle of a fine-tuned run: the `StartRecord` of that."""

EARLY_STRIDE = 8

EARLY_LAYERS: Mapping[str, tuple[str, ...]] = {"lite0": trunk_layers(EARLY_STRIDE)}
"""Network -> what the names of its early layers, which stay frozen, begin with; others have none.
"""


@dataclass(frozen=True, eq=False)
class Start:
    """A trained model that a run can start from.

    Attributes:
        folder: Where its weights are.
        config: Of the run that starts from it; see `fine_tuning`.
        record: What that run remembers of it.
        learned: SHA-256 of each image that it has learned from.
    """

    folder: Path
    config: Config
    record: StartRecord
    learned: frozenset[str]

    def keep(self, run: RunFolder) -> None:
        """Copy what the run will want of it; its `start_folder` is then a detector of its own."""
        run.start_folder.mkdir(exist_ok=True)
        spec = read_spec(self.folder)
        for role in spec.sides:
            shutil.copyfile(self.folder / WEIGHTS[role], run.start_folder / WEIGHTS[role])
        models = {role: ModelFile.of(run.start_folder / WEIGHTS[role]) for role in spec.sides}
        write_json(run.start_folder / DETECTOR_FILE, spec.changed(models=models).to_json())
        copy_learned(self.learned, self.folder, run.start_folder)


def read_start(model: str | Path) -> Start:
    """Find the weights and the configuration of a trained model.

    Args:
        model: A finished run; a bundle, or the name of a shipped model, that has its float32
            weights as Keras files.

    Raises:
        ModelError: There is no such folder or name, it has no Keras weights or does not say which
            images it has learned from, or a file of it is malformed.
        ConfigError: Its configuration is malformed.
    """
    folder = model_folder(model)
    weights = [WEIGHTS[role] for role in read_spec(folder).sides]
    whole = (folder / RUN_FILE).is_file()
    for name in (*weights, TISSUE_FILE, *(() if whole else (CONFIG_FILE,))):
        if not (folder / name).is_file():
            raise ModelError(
                f"{folder}: has no {name}. To start from it must be a finished run, or a bundle "
                "of `mitokeras export --with-weights`, of this version"
            )
    name = folder.resolve().name
    settings = read_record(folder).settings if whole else _bundle_settings(folder, name)
    images = read_learned(folder).images
    if images is None:
        raise ModelError(f"{folder / LEARNED_FILE}: missing")
    return Start(
        folder=folder,
        config=fine_tuning(settings.config),
        record=StartRecord(
            name=name,
            **{f"{path.stem}_sha256": sha256_of(path) for path in map(folder.joinpath, weights)},
            origins=_origins(name, settings),
        ),
        learned=images,
    )


def _bundle_settings(folder: Path, name: str) -> RunSettings:
    """What a bundle tells of its run; its data sets have names only."""
    before, path = None, folder / START_FILE
    if path.is_file():
        try:
            before = parse(StartRecord, read_json(path))
        except ConfigError as error:
            raise ModelError(f"{path}: {error}") from error
    config = read_config(folder / CONFIG_FILE, Config())
    return RunSettings(data=(name,), preset=name, config=config, start=before)


def _origins(name: str, settings: RunSettings) -> tuple[Origin, ...]:
    return (
        Origin(name=f"the weights of {name}", license=settings.licence or ""),
        *(
            Origin(
                name=f"the data set {own.name}", license=own.license, attribution=own.attribution
            )
            for own in settings.sources
        ),
        *(settings.start.origins if settings.start else ()),
    )


def check_start(run: RunFolder) -> None:
    """See before any work that stages 1 and 2 of a run can take the weights of its start.

    Raises:
        ConfigError: The configuration asks for other networks, or for other first weights as well.
        ModelError: The weights have changed since the run was begun.
    """
    if run.settings.start is None:
        return
    config = run.settings.config
    for role, part in (("segmenter", config.segmenter), ("classifier", config.classifier)):
        weights = part.weights
        if weights != "none":
            raise ConfigError(f"{role}.weights must be none with a start. Received: {weights}")
    from_start(run, "segmenter", segmenter_network(config, config.segmenter.patch_px))
    from_start(run, "classifier", patch_network(config.classifier))


def from_start(run: RunFolder, role: Role, network: keras.Model) -> keras.Model:
    """Give a network the weights of the run's start, and freeze what is to stay of them.

    Args:
        run: Without a start the network comes back as it is.
        role: Which of the networks.
        network: As `train.networks` builds it for training, changed in place. A copy that
            `set_weights` fills with what came of it is as free as any.

    Raises:
        ConfigError: The weights are those of another network.
        ModelError: They have changed since the run was begun.
    """
    if run.settings.start is None:
        return network
    path = run.start_folder / WEIGHTS[role]
    if sha256_of(path) != getattr(run.settings.start, f"{role}_sha256"):
        raise ModelError(f"{path}: has changed since the run was begun")
    weights = load_model(path).get_weights()
    model = getattr(run.settings.config, role).model
    if [each.shape for each in weights] != [tuple(each.shape) for each in network.weights]:
        raise ConfigError(
            f"{role}.model {model} must be the network of the start, "
            f"{run.settings.start.name}, in its width. Received: weights that do not fit"
        )
    network.set_weights(weights)
    freeze(network, EARLY_LAYERS.get(model, ()))
    return network


def freeze(network: keras.Model, early: tuple[str, ...]) -> None:
    """Keep layers as they are: each batch normalisation, with its moments, and the early ones.

    Args:
        network: Changed in place.
        early: What the names of the early layers begin with.
    """
    for layer in network._flatten_layers():
        if isinstance(layer, keras.layers.BatchNormalization) or layer.name.startswith(early):
            layer.trainable = False


def kept_learned(run: RunFolder) -> Learned:
    """What the start of an unfinished run has learned from; nothing where there is none."""
    if run.settings.start is None:
        return Learned(frozenset(), KnownTissue([]))
    return read_learned(run.start_folder)
