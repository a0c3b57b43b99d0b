"""The benchmark, from data sets to its table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from mitokeras.data.stored_field import StoredField
from mitokeras.disk.files import write_json
from mitokeras.disk.locks import sole_writer
from mitokeras.errors import MitokerasError
from mitokeras.reproduce.atypical.budgets import BUDGETS
from mitokeras.reproduce.atypical.int8 import judge_in_int8
from mitokeras.reproduce.atypical.results import (
    AtypicalResult,
    Int8Figures,
    PairResult,
    SeedRates,
    TrainedFigures,
)
from mitokeras.reproduce.atypical.table import write_table
from mitokeras.reproduce.atypical.training import SetFields, train_on
from mitokeras.reproduce.atypical.validation import SHARE
from mitokeras.reproduce.atypical.workspace import TARGET, Workspace
from mitokeras.reproduce.reproduce import TITLES
from mitokeras.score.subtypes import mean_scores
from mitokeras.train.devices import add_up_in_order
from mitokeras.train.networks import patch_network

TITLE = "Atypical or normal: stage 3 trained on one set of figures, tested on the others"


class Trainings(NamedTuple):
    """All trainings on one set.

    Attributes:
        seeds: By their seed.
        int8: The first one's network in int8.
    """

    seeds: Mapping[int, TrainedFigures]
    int8: Int8Figures


def reproduce_atypical(workspace: Workspace, seeds: int) -> AtypicalResult:
    """Train what is missing, and write `atypical.md`, `.csv` and `.json`.

    Args:
        workspace: The sets of figures.
        seeds: Trainings on each set, with the configuration's seed and those that follow it.

    Raises:
        MitokerasError: The data, the settings or a training break a rule. Where that comes before
            the data are stored, nothing is left behind; what is trained is kept.
        PermissionError: Another call is at work in the workspace.
    """
    first = workspace.settings.run.config.seed
    with sole_writer(workspace.root):
        add_up_in_order()
        try:
            patch_network(workspace.settings.run.config.subtyper)  # a wrong name, before any work
            workspace.prepare()
        except (MitokerasError, OSError):
            workspace.drop_empty()
            raise
        with workspace.store() as store:
            sets = workspace.fields_of_sets(store)
            trainings = {
                name: Trainings(
                    {
                        seed: workspace.figures(name, seed)
                        or train_on(workspace, store, sets, name, seed)
                        for seed in range(first, first + seeds)
                    },
                    workspace.int8(name, first) or judge_in_int8(workspace, sets, name, first),
                )
                for name in sets
            }
            result = _result(workspace, sets, trainings)
        write_json(workspace.root / f"{TARGET}.json", result.to_json())
        write_table(result, workspace.root)
    return result


def _result(
    workspace: Workspace, sets: SetFields, trainings: Mapping[str, Trainings]
) -> AtypicalResult:
    settings = workspace.settings
    changed = settings.run.config != BUDGETS[settings.budget]
    return AtypicalResult(
        title=TITLE + (" (settings changed)" if changed else "") + TITLES[settings.budget],
        data=tuple(_data(name, fields) for name, fields in sets.items()),
        notes=(*_notes(workspace, trainings), *workspace.notes),
        pairs=tuple(
            _pair(trained, tested, own)
            for trained, own in trainings.items()
            for tested in sets
            if tested != trained
        ),
    )


def _pair(trained: str, tested: str, trainings: Trainings) -> PairResult:
    figures = {seed: own.tested[tested].figures for seed, own in trainings.seeds.items()}
    thresholds = {seed: own.threshold for seed, own in trainings.seeds.items()}
    moved = [own.at(thresholds[seed]) for seed, own in figures.items()]
    first, int8 = next(iter(figures)), trainings.int8.tested.get(tested)
    return PairResult(
        trained=trained,
        tested=tested,
        mean=mean_scores(moved, 0.5).changed(threshold=None),
        seeds=tuple(SeedRates.of(seed, thresholds[seed], own) for seed, own in figures.items()),
        int8=None if int8 is None else SeedRates.of(first, thresholds[first], int8.figures),
    )


def _data(name: str, fields: Sequence[StoredField]) -> str:
    normal, atypical = (
        sum(int((field.subtypes == subtype).sum()) for field in fields)
        for subtype in ("normal", "atypical")
    )
    cases = len({field.case for field in fields if (field.subtypes != "").any()})
    return f"{name}: {normal} normal and {atypical} atypical figures of {cases} cases"


def _notes(workspace: Workspace, trainings: Mapping[str, Trainings]) -> list[str]:
    config = workspace.settings.run.config
    part, schedule = config.subtyper, config.subtyper.schedule
    augment = ", ".join(f"{name} {value}" for name, value in config.augment.model_dump().items())
    notes = [
        f"Each training: network {part.model}, first weights {part.weights}, crops of "
        f"{config.classifier.crop_px} px enlarged to {part.input_px}, "
        f"{schedule.epochs * schedule.steps_per_epoch} steps of {schedule.batch}, AdamW at "
        f"{schedule.learning_rate:g}, {part.atypical:.0%} of the crops atypical. "
        f"Augmentation: {augment}.",
        f"Of the training set whole cases with {SHARE:.0%} of its figures of each subtype, drawn "
        "by the seed, choose the threshold by the best balanced accuracy and nothing else; each "
        "test set is tested on whole, and has a part in no choice. A figure counts in each image "
        "that labels it.",
        "int8: of the first seed, calibrated on its training set, in LiteRT, at the threshold of "
        "float32.",
        *(f"{name}: cases {', '.join(own)}." for name, own in workspace.settings.sets.items()),
    ]
    for name, own in trainings.items():
        chosen = ", ".join(f"{one.threshold:g} (seed {seed})" for seed, one in own.seeds.items())
        notes.append(f"Thresholds of the trainings on {name}: {chosen}.")
        if own.int8.failure:
            notes.append(f"{name} in int8: {own.int8.failure}")
    return notes
