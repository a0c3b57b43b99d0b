"""One training run, from a data set to a run folder: store, its stages, results."""

from __future__ import annotations

import logging
import shutil
from dataclasses import replace

from mitokeras.data.store import Store
from mitokeras.errors import MitokerasError
from mitokeras.run.folder import RunFolder
from mitokeras.score.scores import Metrics, read_metrics
from mitokeras.train.devices import add_up_in_order
from mitokeras.train.driver import Training
from mitokeras.train.networks import check_networks
from mitokeras.train.prepare import (
    RunData,
    prepare_store,
    split_store,
    split_store_to_tune,
    splittable,
)
from mitokeras.train.results import write_results
from mitokeras.train.start import check_start, kept_learned
from mitokeras.train.subtyping import train_subtyper

logger = logging.getLogger(__name__)


def fit(run: RunFolder) -> Metrics:
    """Train and score the stages; what an earlier, killed call has done is not done again.

    Args:
        run: Begun or reopened.

    Raises:
        MitokerasError: The data, the settings or the training break a rule. When this call
            was to write the store, nothing of the run is left behind; a store that was there
            already is kept.

    Example:
        >>> from pathlib import Path
        >>> from mitokeras.run.presets import get_preset
        >>> from mitokeras.run.record import RunSettings
        >>> short = {"steps_per_epoch": 2, "epochs": 1}
        >>> config = get_preset("quick").updated(
        ...     {
        ...         "synthetic": {"fields": 6, "field_px": 320, "cases": 3},
        ...         "segmenter": {"schedule": short},
        ...         "classifier": {"schedule": short},
        ...         "detection": {"tile_px": 192},
        ...     }
        ... )
        >>> run = RunFolder.begin(Path("run"), RunSettings(preset="quick", config=config))
        >>> metrics = fit(run)
        >>> metrics.test.figures > 0, run.finished
        (True, True)
    """
    if run.finished:
        logger.info("%s: is finished", run.root)
        return read_metrics(run.metrics_file)
    add_up_in_order()
    config = run.settings.config
    fresh = not run.store_file.is_file()
    try:
        check_networks(config)
        check_start(run)
        data = _prepare(run)
    except (MitokerasError, OSError):
        if fresh:
            shutil.rmtree(run.root)
        raise
    for note in data.notes:
        logger.warning("%s", note)
    with Store(run.store_file) as store:
        training = Training(run, replace(data, store=store))
        segmenter = training.segmenter()
        mined = training.mine(segmenter)
        classifier = training.classifier(mined)
        subtyper = train_subtyper(training)
        return write_results(training, segmenter, mined, classifier, subtyper)


def _prepare(run: RunFolder) -> RunData:
    """The run's fields by their use; the store is written, and closed again."""
    config = run.settings.config
    if run.settings.start is None:
        notes = prepare_store(run, splittable(config))
        with Store(run.store_file) as store:
            return split_store(store, config, notes)
    notes = prepare_store(run)
    with Store(run.store_file) as store:
        return split_store_to_tune(store, config, notes, kept_learned(run))
