"""Which cases each fold holds out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from fnmatch import fnmatchcase
from typing import NamedTuple

from mitokeras.errors import DataError
from mitokeras.run.seeds import stream
from mitokeras.train.mixture import SYNTHETIC


class Dealt(NamedTuple):
    """What dealing looks at in one field."""

    source: str
    case: str
    figures: int


def held_out_by(fields: Sequence[Dealt], patterns: Sequence[Sequence[str]]) -> list[int | None]:
    """The fold, counted from 0, that holds each field out: that with a pattern of its case.

    Args:
        fields: Fields of all data sets.
        patterns: For each fold, patterns of names of cases such as "data_set/slide_*".

    Returns:
        As `deal_cases`.

    Raises:
        DataError: A pattern names no case; a fold holds out no mitotic figure, or leaves none to
            learn from; or two hold out the same case, which would be scored twice, at thresholds
            chosen on itself.
    """
    names = {field.case for field in fields}
    for pattern in (pattern for own in patterns for pattern in own):
        if not any(fnmatchcase(name, pattern) for name in names):
            some = ", ".join(sorted(names)[:3])
            raise DataError(f"{pattern}: must name a case, such as {some}. Received: none")
    result: list[int | None] = []
    for field in fields:
        of_field = [
            number
            for number, own in enumerate(patterns)
            if any(fnmatchcase(field.case, pattern) for pattern in own)
        ]
        if len(of_field) > 1:
            raise DataError(
                f"{field.case}: a case must be held out by one fold at most. "
                f"Received: {len(of_field)}"
            )
        result.append(of_field[0] if of_field else None)
    pairs = list(zip(fields, result, strict=True))
    for number, own in enumerate(patterns):
        held = sum(field.figures for field, fold in pairs if fold == number)
        if not held or held == sum(field.figures for field in fields):
            raise DataError(
                f"{', '.join(own)}: a fold must hold out some of the mitotic figures. "
                f"Received: {'all' if held else 'none'}"
            )
    return result


def deal_cases(fields: Sequence[Dealt], folds: int, seed: int) -> list[int | None]:
    """Deal the cases of each data set out to folds, each as even in mitotic figures as it can be.

    Drawn fields are never held out: a score on them says nothing about tissue.

    Args:
        fields: Fields of all data sets.
        folds: How many.
        seed: Seed of the order among cases with as many figures.

    Returns:
        The fold that holds each field out, counted from 0; None for fields that all train on.

    Raises:
        DataError: A data set has fewer cases with a mitotic figure than there are folds.
    """
    fold_of: dict[str, int] = {}
    for source in sorted({field.source for field in fields} - {SYNTHETIC}):
        figures: Counter[str] = Counter()
        for field in fields:
            if field.source == source:
                figures[field.case] += field.figures
        if sum(number > 0 for number in figures.values()) < folds:
            raise DataError(
                f"{source or 'the data set'}: must have a case with a mitotic figure for each of "
                f"{folds} folds. Received: {sum(n > 0 for n in figures.values())} such cases"
            )
        # A case of two data sets, whose fields show the same tissue, stays in one fold.
        fold_of = _deal(figures, folds, seed) | fold_of
    return [fold_of.get(field.case) for field in fields]


def _deal(figures: Counter[str], folds: int, seed: int) -> dict[str, int]:
    cases = sorted(figures)
    shuffled = [cases[i] for i in stream(seed, "folds", folds).permutation(len(cases))]
    dealt: dict[str, int] = {}
    held, number = [0] * folds, [0] * folds
    for case in sorted(shuffled, key=lambda case: -figures[case]):
        fold = min(range(folds), key=lambda fold: (held[fold], number[fold]))
        dealt[case] = fold
        held[fold] += figures[case]
        number[fold] += 1
    return dealt
