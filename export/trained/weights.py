"""What a bundle needs besides its exported networks to be a start of `mitokeras fit`."""

from __future__ import annotations

from pathlib import Path, PureWindowsPath

from mitokeras.disk.files import write_json
from mitokeras.export.trained.trained import TrainedRun
from mitokeras.models.saving import rounded, save_model
from mitokeras.run.config import Config
from mitokeras.run.record import RunSettings
from mitokeras.runners.keras import load_model
from mitokeras.train.start import CONFIG_FILE, START_FILE, WEIGHTS


def write_weights(trained: TrainedRun, run: Path, folder: Path) -> None:
    """Write the Keras files of a run, rounded, into a bundle, and the configuration beside them.

    Args:
        trained: The run.
        run: Its folder.
        folder: The bundle.
    """
    settings = trained.record.settings
    for role in trained.networks:
        network = load_model(run / trained.spec.models[role].file)
        save_model(rounded(network), folder / WEIGHTS[role], packed=True)
    write_json(folder / CONFIG_FILE, _published(settings).to_json())
    if settings.start is not None:
        write_json(folder / START_FILE, settings.start.to_json())


def _published(settings: RunSettings) -> Config:
    """The configuration with the licence of the weights, without names of cases and folders."""
    config = settings.config
    sources = {
        source.name: listed.changed(incomplete_cases=())
        for source, listed in zip(settings.sources, config.data.sources.values(), strict=True)
    }
    data = config.data.changed(
        sources=sources,
        weights_license=settings.licence,
        test_cases=(),
        validation_cases=(),
    )
    classifier, subtyper = (
        part.changed(weights=PureWindowsPath(part.weights).name)
        for part in (config.classifier, config.subtyper)
    )
    return config.changed(data=data, classifier=classifier, subtyper=subtyper)
