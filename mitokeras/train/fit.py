"""One training run, from a data set to a run folder: store, stage 1, mining, stage 2, results."""

from __future__ import annotations

import logging
import shutil
from typing import Any

from mitokeras.data.store import Store
from mitokeras.errors import MitokerasError
from mitokeras.run.folder import RunFolder
from mitokeras.train.devices import add_up_in_order, distribution
from mitokeras.train.mining import mine
from mitokeras.train.prepare import prepare_store, split_store, splittable
from mitokeras.train.results import write_results
from mitokeras.train.stages import check_models, train_classifier, train_segmenter

__all__ = ["RunFolder", "fit"]

logger = logging.getLogger(__name__)


def fit(run: RunFolder) -> dict[str, Any]:
    """Train and score both stages; what an earlier, killed call has done is not done again.

    Args:
        run: Begun or reopened.

    Returns:
        The content of `metrics.json`.

    Raises:
        MitokerasError: The data, the settings or the training break a rule. When this call
            was to write the store, nothing of the run is left behind; a store that was there
            already is kept.
    """
    if run.finished:
        logger.info("%s: is finished", run.root)
        return run.read_metrics()
    add_up_in_order()
    config = run.settings.config
    fresh = not run.store_file.is_file()
    try:
        check_models(config)
        notes = prepare_store(run, splittable(config))
        with Store(run.store_file) as store:
            data = split_store(store, config, notes)
    except (MitokerasError, OSError):
        if fresh:
            shutil.rmtree(run.root)
        raise
    with Store(run.store_file) as store:
        strategy = distribution()
        segmenter = train_segmenter(run, store, data, strategy)
        mined = mine(run, store, data, segmenter)
        classifier = train_classifier(run, store, data, mined, strategy)
        return write_results(run, store, data, segmenter, mined, classifier)
