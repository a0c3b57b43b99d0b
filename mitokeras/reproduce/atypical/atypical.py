"""The benchmark, from data sets to its table."""

from __future__ import annotations

from collections.abc import Sequence

from mitokeras.data.stored_field import StoredField
from mitokeras.disk.files import write_json
from mitokeras.disk.locks import sole_writer
from mitokeras.errors import MitokerasError
from mitokeras.reproduce.atypical.budgets import BUDGETS
from mitokeras.reproduce.atypical.int8 import judge_in_int8
from mitokeras.reproduce.atypical.results import AtypicalResult, PairResult, SeedRates
from mitokeras.reproduce.atypical.table import write_table
from mitokeras.reproduce.atypical.training import SetFields, train_on
from mitokeras.reproduce.atypical.validation import SHARE
from mitokeras.reproduce.atypical.workspace import TARGET, Workspace
from mitokeras.reproduce.reproduce import TITLES
from mitokeras.score.subtypes import mean_scores
from mitokeras.train.devices import add_up_in_order
from mitokeras.train.networks import patch_network

TITLE = "Atypical or normal: stage 3 trained on one set of figures, tested on the others"


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
            for trained in sets:
                for seed in range(first, first + seeds):
                    if workspace.figures(trained, seed) is None:
                        train_on(workspace, store, sets, trained, seed)
                if workspace.int8(trained, first) is None:
                    judge_in_int8(workspace, sets, trained, first)
            result = _result(workspace, sets, range(first, first + seeds))
        write_json(workspace.root / f"{TARGET}.json", result.to_json())
        write_table(result, workspace.root)
    return result


def _result(workspace: Workspace, sets: SetFields, seeds: range) -> AtypicalResult:
    settings = workspace.settings
    changed = settings.run.config != BUDGETS[settings.budget]
    return AtypicalResult(
        title=TITLE + (" (settings changed)" if changed else "") + TITLES[settings.budget],
        data=tuple(_data(name, fields) for name, fields in sets.items()),
        notes=(*_notes(workspace, sets, seeds), *workspace.notes),
        pairs=tuple(
            _pair(workspace, trained, tested, seeds)
            for trained in sets
            for tested in sets
            if tested != trained
        ),
    )


def _pair(workspace: Workspace, trained: str, tested: str, seeds: range) -> PairResult:
    rates, moved = [], []
    for seed in seeds:
        given = workspace.figures(trained, seed)
        if given is None:
            raise MitokerasError(f"{workspace.run(trained, seed).root}: has no figures")
        figures = given.tested[tested].figures
        rates.append(SeedRates.of(seed, given.threshold, figures))
        moved.append(figures.at(given.threshold))
    int8 = workspace.int8(trained, seeds[0])
    in_int8 = None
    if int8 is not None and not int8.failure:
        figures = int8.tested[tested].figures
        in_int8 = SeedRates.of(seeds[0], rates[0].threshold, figures)
    return PairResult(
        trained=trained,
        tested=tested,
        mean=mean_scores(moved, 0.5).changed(threshold=None),
        seeds=tuple(rates),
        int8=in_int8,
    )


def _data(name: str, fields: Sequence[StoredField]) -> str:
    normal, atypical = (
        sum(int((field.subtypes == subtype).sum()) for field in fields)
        for subtype in ("normal", "atypical")
    )
    cases = len({field.case for field in fields if (field.subtypes != "").any()})
    return f"{name}: {normal} normal and {atypical} atypical figures of {cases} cases"


def _notes(workspace: Workspace, sets: SetFields, seeds: range) -> list[str]:
    config = workspace.settings.run.config
    part, schedule = config.subtyper, config.subtyper.schedule
    augment = ", ".join(f"{name} {value}" for name, value in config.augment.model_dump().items())
    which = f"seeds {seeds[0]} to {seeds[-1]}" if len(seeds) > 1 else f"seed {seeds[0]}"
    notes = [
        f"Each training: network {part.model}, first weights {part.weights}, crops of "
        f"{config.classifier.crop_px} px enlarged to {part.input_px}, "
        f"{schedule.epochs * schedule.steps_per_epoch} steps of {schedule.batch}, AdamW at "
        f"{schedule.learning_rate:g}, {part.atypical:.0%} of the crops atypical; {which}. "
        f"Augmentation: {augment}.",
        f"Of the training set whole cases with {SHARE:.0%} of its figures of each subtype, drawn "
        "by the seed, choose the threshold by the best balanced accuracy and nothing else; each "
        "test set is tested on whole, and has a part in no choice. A figure counts in each image "
        "that labels it.",
        "int8: of the first seed, calibrated on its training set, in LiteRT, at the threshold of "
        "float32.",
        *(f"{name}: cases {', '.join(own)}." for name, own in workspace.settings.sets.items()),
    ]
    for trained in sets:
        int8 = workspace.int8(trained, seeds[0])
        if int8 is not None and int8.failure:
            notes.append(f"{trained} in int8: {int8.failure}")
        thresholds = [workspace.figures(trained, seed) for seed in seeds]
        said = ", ".join(f"{own.threshold:.2f}" for own in thresholds if own is not None)
        notes.append(f"Thresholds of the trainings on {trained}: {said}.")
    return notes
