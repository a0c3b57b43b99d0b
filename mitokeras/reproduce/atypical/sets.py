"""Which named set each case belongs to."""

from __future__ import annotations

import glob
from collections.abc import Mapping, Sequence
from fnmatch import fnmatchcase
from pathlib import Path

from mitokeras.counting.atypical import SUBTYPES
from mitokeras.data.fields import Field
from mitokeras.errors import DataError
from mitokeras.score.subtypes import LEAST_FIGURES

SetPatterns = Mapping[str, Sequence[str]]
"""For each set, by its name, patterns of names of cases such as "data_set/slide_*"."""


def by_data_set(folders: Sequence[Path]) -> dict[str, tuple[str, ...]]:
    """Each data set of a mixture as a set."""
    return {folder.name: (f"{glob.escape(folder.name)}/*",) for folder in folders}


def set_of_each(cases: Sequence[str], patterns: SetPatterns) -> list[str | None]:
    """The set of each case; None for what is in none and is not used.

    Args:
        cases: Names of cases, which may repeat.
        patterns: Those of the sets.

    Raises:
        DataError: A pattern names no case, or a case is in two sets, which would be trained and
            tested on.
    """
    names = sorted(set(cases))
    for pattern in (pattern for own in patterns.values() for pattern in own):
        if not any(fnmatchcase(name, pattern) for name in names):
            some = ", ".join(names[:3])
            raise DataError(f"{pattern}: must name a case, such as {some}. Received: none")
    found: dict[str, str | None] = {}
    for name in names:
        own = [
            each
            for each, of_set in patterns.items()
            if any(fnmatchcase(name, pattern) for pattern in of_set)
        ]
        if len(own) > 1:
            raise DataError(f"{name}: a case must be of one set. Received: {', '.join(own)}")
        found[name] = own[0] if own else None
    return [found[case] for case in cases]


def check_sets(fields: Sequence[Field], patterns: SetPatterns) -> None:
    """See that each set can be learned from and tested on.

    Raises:
        DataError: See `set_of_each`; or a set has fewer than `LEAST_FIGURES` of a subtype.
    """
    sets = set_of_each([field.case for field in fields], patterns)
    for name in patterns:
        told = [
            mark.subtype
            for field, own in zip(fields, sets, strict=True)
            if own == name
            for mark in field.figures
        ]
        counts = {subtype: told.count(subtype) for subtype in SUBTYPES}
        if min(counts.values()) < LEAST_FIGURES:
            found = ", ".join(f"{count} {subtype}" for subtype, count in counts.items())
            raise DataError(
                f"set {name}: must have {LEAST_FIGURES} mitotic figures of each subtype by their "
                f"labels. Received: {found}"
            )
