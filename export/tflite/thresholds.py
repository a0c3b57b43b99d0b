"""The thresholds of a quantised artefact, chosen for it as the run's were for the Keras models."""

from __future__ import annotations

import logging
from collections.abc import Sequence

from tqdm import tqdm

from mitokeras.counting.atypical import Subtyping
from mitokeras.data.protocols import get_protocol
from mitokeras.data.stored_field import StoredField
from mitokeras.detect.detector import FieldDetector
from mitokeras.detect.spec import DetectorSpec
from mitokeras.export.trained.trained import TrainedRun
from mitokeras.runners.runner import Runner
from mitokeras.score.subtypes import best_threshold, measured
from mitokeras.score.thresholds import SEGMENTER_THRESHOLDS, Sweep, choose_thresholds

ANEW = "anew for the quantised networks"

logger = logging.getLogger(__name__)


def rechosen(
    artefact: FieldDetector,
    validation: Sequence[StoredField],
    recall: float,
    false_per_mm2: float | None,
) -> DetectorSpec:
    """Choose both thresholds anew on the run's validation fields.

    A run without any keeps its thresholds: those of its exported folds, or else such as were not
    chosen for quantised networks, which `thresholds_chosen` then says.

    Quantisation shifts probabilities, most where they are neither near 0 nor near 1, so a threshold
    of the Keras models is not the one that their rule would pick here.

    Args:
        artefact: Runs the quantised networks.
        validation: Completely labelled validation fields of the run.
        recall: The recall that stage 1 is to reach.
        false_per_mm2: As of `choose_thresholds`.

    Returns:
        The artefact's spec with the new thresholds.
    """
    spec = artefact.spec
    if not validation:
        return spec
    logger.info("choosing its thresholds on the validation fields")
    shown = tqdm(validation, desc="thresholds", unit=" fields", disable=None, leave=False)
    sweeps = [Sweep.over(field, artefact, SEGMENTER_THRESHOLDS) for field in shown]
    _, thresholds = choose_thresholds(
        SEGMENTER_THRESHOLDS, sweeps, get_protocol(spec.protocol), recall, false_per_mm2
    )
    return spec.at(thresholds, f"{spec.thresholds_chosen}; {ANEW}")


def resubtyped(trained: TrainedRun, subtyping: Subtyping, subtyper: Runner) -> Subtyping:
    """Choose the threshold of a quantised stage 3 anew, and measure anew how often it errs.

    The threshold stays where the run's was not chosen on its validation figures: of a fine-tuning
    it is the start's, and too few figures choose none. The rates stay where the run has too few
    test figures.

    Args:
        trained: The run.
        subtyping: What its specification says of stage 3.
        subtyper: Runs the quantised network.
    """
    validation, test = (trained.judged(split, subtyper) for split in ("validation", "test"))
    if trained.record.settings.start is None and validation.enough:
        chosen = f"{subtyping.chosen}; {ANEW}"
        subtyping = subtyping.changed(threshold=best_threshold(validation), chosen=chosen)
    return measured(subtyping, test)
