"""Stage 3: training, its threshold, and how often it errs."""

from __future__ import annotations

import shutil
from collections.abc import Sequence

import keras
import numpy as np

from mitokeras.counting.atypical import SUBTYPES, Subtype, Subtyping
from mitokeras.data.stored_field import StoredField
from mitokeras.detect.candidates import Classifier, classifier_scores
from mitokeras.detect.spec import DetectorSpec, ModelFile, read_spec
from mitokeras.models.saving import save_model
from mitokeras.run.folder import RunFolder
from mitokeras.runners.keras import KerasRunner, load_model
from mitokeras.score.subtypes import LEAST_FIGURES, JudgedFigures, best_threshold, measured
from mitokeras.train.batches.samplers import as_detected, subtyper_sampler
from mitokeras.train.driver import Training
from mitokeras.train.networks import crop_network, patch_network
from mitokeras.train.start import WEIGHTS, from_start
from mitokeras.train.validation import NO_VALIDATION


def can_learn(fields: Sequence[StoredField]) -> bool:
    """Whether there are `LEAST_FIGURES` of each subtype for `subtyper_sampler` to take."""
    return min(taken_subtypes(fields).values()) >= LEAST_FIGURES


def taken_subtypes(fields: Sequence[StoredField]) -> dict[Subtype, int]:
    """How many figures of each subtype `subtyper_sampler` takes: of data sets that have both."""
    taken = [own for own in _told(fields).values() if own.all()]
    return {name: sum(int(own[at]) for own in taken) for at, name in enumerate(SUBTYPES)}


def _told(fields: Sequence[StoredField]) -> dict[str, np.ndarray]:
    """How many figures of each of `SUBTYPES` the labels tell, by data set."""
    told: dict[str, np.ndarray] = {}
    for field in fields:
        own = np.array([(field.subtypes == name).sum() for name in SUBTYPES])
        told[field.source] = told.get(field.source, np.zeros(len(SUBTYPES), int)) + own
    return told


def notes_on_subtypes(training: Training, subtyper: keras.Model | None) -> tuple[str, ...]:
    """That the labels tell subtypes, but of too few figures to learn from."""
    fields = training.data.of("train")
    normal, atypical = np.sum([*_told(fields).values()], axis=0).tolist()
    if not normal + atypical or can_learn(fields):
        return ()
    kept = "there is no stage 3" if subtyper is None else "stage 3 is that of the start"
    return (
        f"{kept}: the training fields have {normal} normal and {atypical} atypical figures by "
        f"their labels, and it learns from {LEAST_FIGURES} of each, of data sets that have both",
    )


def train_subtyper(training: Training) -> keras.Model | None:
    """Train stage 3, which needs neither of the others, or take what an earlier call has trained.

    A fine-tuning goes on from its start's, keeps that as it is where its own labels tell too
    little, and has none where its start has none.

    Returns:
        The network for the crops of the detector, float32; None where there is no stage 3.
    """
    run, config, fields = training.run, training.config, training.data.of("train")
    start = run.settings.start
    if run.subtyper_file.is_file():
        return load_model(run.subtyper_file)
    if start is not None and start.subtyper_sha256 is None:
        return None
    if not can_learn(fields):
        if start is None:
            return None
        shutil.copyfile(run.start_folder / WEIGHTS["subtyper"], run.subtyper_file)
        return load_model(run.subtyper_file)
    best = training.train(
        training.stage("subtyper"),
        lambda: from_start(run, "subtyper", patch_network(config.subtyper)),
        keras.losses.BinaryCrossentropy(),
        subtyper_sampler(fields, config),
        subtyper_sampler(fields, as_detected(config)),
        lambda _: dict(NO_VALIDATION),
    )
    model = crop_network(config.subtyper, config.classifier.crop_px)
    model.set_weights(best.get_weights())
    save_model(model, run.subtyper_file)
    return model


def judge_figures(
    fields: Sequence[StoredField], subtyper: Classifier, crop_px: int
) -> JudgedFigures:
    """What stage 3 says about the labelled figures whose subtype is known."""
    nothing = JudgedFigures(np.zeros(0, bool), np.zeros(0, np.float32), np.zeros(0, str))
    parts = [nothing]
    for field in fields:
        if np.isin(field.subtypes, SUBTYPES).any():
            score = classifier_scores(field.image(), field.figures, subtyper, crop_px)
            parts.append(JudgedFigures.of_known(field.subtypes, score, field.case))
    return JudgedFigures.joined(parts)


def judge_by_source(
    fields: Sequence[StoredField], subtyper: Classifier, crop_px: int
) -> dict[str, JudgedFigures]:
    """What stage 3 says about these figures, by data set."""
    return {
        source: judge_figures([f for f in fields if f.source == source], subtyper, crop_px)
        for source in sorted({field.source for field in fields})
    }


def choose_subtyping(training: Training, subtyper: keras.Model) -> tuple[Subtyping, JudgedFigures]:
    """Choose stage 3's threshold on the validation figures, and measure it on the test figures.

    Returns:
        What `detector.json` says of stage 3, and the test figures.
    """
    runner, crop_px = KerasRunner(subtyper), training.config.classifier.crop_px
    validation, test = (
        judge_figures(training.data.of(split), runner, crop_px) for split in ("validation", "test")
    )
    start = training.run.settings.start
    kept = None if start is None else read_spec(training.run.start_folder).subtyping
    if start is not None and kept is not None:
        if not can_learn(training.data.of("train")):
            return kept, test
        chosen = f"that of {start.name}, from which it was trained on"
        subtyping = Subtyping(threshold=kept.threshold, chosen=chosen)
    elif validation.enough:
        chosen = f"the best balanced accuracy on {len(validation.score)} validation figures"
        subtyping = Subtyping(threshold=best_threshold(validation), chosen=chosen)
    else:
        chosen = (
            "as it was trained on; the validation fields have fewer than "
            f"{LEAST_FIGURES} figures of a subtype"
        )
        subtyping = Subtyping(threshold=0.5, chosen=chosen)
    return measured(subtyping, test), test


def with_subtyper(spec: DetectorSpec, run: RunFolder, subtyping: Subtyping) -> DetectorSpec:
    """The specification of a run's detector with its stage 3."""
    models = {**spec.models, "subtyper": ModelFile.of(run.subtyper_file)}
    return spec.changed(models=models, subtyping=subtyping)
