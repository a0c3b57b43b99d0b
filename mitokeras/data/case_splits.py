"""The split that a data set states for some of a case is that of all of it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace

from mitokeras.data.fields import SPLITS, Field, Split


def most_held_out(splits: Iterable[Split | None]) -> Split | None:
    """Test before validation before train; None where none is stated."""
    return max((split for split in splits if split), key=SPLITS.index, default=None)


def with_case_splits(fields: Sequence[Field]) -> tuple[list[Field], list[str]]:
    """Give fields without a stated split that of their case.

    A case that the data set itself has in several splits keeps them, as ICPR 2012 does with the
    frames of a slide; its fields without one are the `most_held_out`.

    Returns:
        The fields in their order, and notes.
    """
    splits: dict[str, set[Split]] = defaultdict(set)
    for field in fields:
        if field.split:
            splits[field.case].add(field.split)
    result = [
        replace(field, split=most_held_out(splits[field.case]))
        if not field.split and field.case in splits
        else field
        for field in fields
    ]
    notes = []
    taken = [field for field, before in zip(result, fields, strict=True) if field is not before]
    if taken:
        notes.append(
            f"{len(taken)} fields without a split take that of their case, such as "
            f"{taken[0].name} ({taken[0].split})"
        )
    shared = sorted(case for case, names in splits.items() if len(names) > 1)
    if shared:
        notes.append(
            f"the data set has {len(shared)} of {len(splits)} cases in more than one split, which "
            f"are then not independent: {', '.join(shared[:5])}{', ...' if len(shared) > 5 else ''}"
        )
    return result, notes


def in_one_split(fields: Sequence[Field], merged: Collection[str]) -> tuple[list[Field], list[str]]:
    """Give cases that show the same tissue, and fields of one case that do, one split.

    Of several that are stated it is the `most_held_out`: tissue that is trained on says nothing in
    a test.

    Args:
        fields: With their `tissue`, and the case that they came to.
        merged: Cases that hold what were several.

    Returns:
        The fields in their order, and notes.
    """
    together = [
        (field.case, "") if field.case in merged else (field.case, field.tissue or str(index))
        for index, field in enumerate(fields)
    ]
    splits: dict[tuple[str, str], set[Split | None]] = defaultdict(set)
    for name, field in zip(together, fields, strict=True):
        splits[name].add(field.split)
    result = [
        replace(field, split=most_held_out(splits[name]))
        for name, field in zip(together, fields, strict=True)
    ]
    changed = [
        f"{field.name} ({field.split or 'none'}, now {now.split})"
        for field, now in zip(fields, result, strict=True)
        if field.split != now.split
    ]
    if not changed:
        return result, []
    return result, [
        f"{len(changed)} fields change their split for that of the same tissue, or of a case that "
        f"shows it, test before validation before train: such as {changed[0]}"
    ]
