"""What is to be said of cases that were taken from folders and names."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Mapping
from pathlib import Path

from mitokeras.data.readers.case_names import TCGA

FEWEST = 3
"""Two names may well differ in a number by chance."""

ONE_NUMBER = re.compile(r"[^\W\d_]+0")
"""P1: with several images each, such are patients."""


def notes_on_guessed(cases: Mapping[Path, str], before: str = "") -> list[str]:
    """How many there are, and how many may be parts of one slide all the same.

    Those are cases by the names of files that differ in their numbers only.

    Args:
        cases: The case of each image that is in no table.
        before: What stands before the count.
    """
    if not cases:
        return []
    notes = [f"{before}{len(set(cases.values()))} cases taken from sub-folders and file names"]
    alike: dict[str, Counter[str]] = defaultdict(Counter)
    for image, case in cases.items():
        if case not in image.parent.parts and not TCGA.fullmatch(case):
            alike[re.sub(r"\d+", "0", case)][case] += 1
    unsure = [
        case
        for name, counts in sorted(alike.items())
        if len(counts) >= FEWEST and not (ONE_NUMBER.fullmatch(name) and max(counts.values()) > 1)
        for case in counts
    ]
    if unsure:
        notes.append(
            f"{len(unsure)} cases differ in the numbers of their names only and may be parts of "
            f"one slide, such as {', '.join(unsure[:FEWEST])}: a table with a column case, or a "
            "folder for each slide, says which belong together"
        )
    return notes
