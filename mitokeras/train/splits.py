"""Which fields are for training, validation and test: by case, never by field."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from mitokeras.data.fields import SPLITS, Split
from mitokeras.data.stored_field import StoredField
from mitokeras.errors import DataError
from mitokeras.run.data_config import DataConfig
from mitokeras.run.seeds import stream
from mitokeras.text import count_of

_TRIES = 200


@dataclass(frozen=True)
class SplitItem:
    """What splitting looks at in one field.

    Attributes:
        case: The patient or slide.
        figures: Number of mitotic figures.
        prescribed: The split that the data set states, or None.
        tissue: Name that the fields share which show some of the same tissue, or empty.
        learned: Whether the start of a fine-tuning has learned from its case.
    """

    case: str
    figures: int
    prescribed: Split | None
    tissue: str = ""
    learned: bool = False


def split_fields(
    items: Sequence[SplitItem], config: DataConfig, seed: int
) -> tuple[list[Split], list[str]]:
    """Give each field its split.

    A case that the configuration names goes where it says, then what the data set prescribes for
    validation and test is kept. The rest is drawn by case, so that each split has a mitotic
    figure. With two cases the one with fewer figures is the test, and validation has to share a
    case with training: the last fields of it, which a note says.

    Returns:
        The split of each field, and notes.

    Raises:
        DataError: There is one case only, a named case is not there, or no drawing leaves a
            mitotic figure in each split.
    """
    fixed = stated_splits(items, config)
    known = sorted({item.case for item in items})
    figures: Counter[str] = Counter()
    for item, split in zip(items, fixed, strict=True):
        if split is None:
            figures[item.case] += item.figures
    missing = [split for split in SPLITS[1:] if split not in fixed]

    if len(figures) > len(missing):
        shares = {"test": config.test_fraction, "validation": config.validation_fraction}
        drawn = _draw(figures, {split: shares[split] for split in missing}, seed)
    elif len(figures) == 2 and missing == ["validation", "test"]:
        test, train = sorted(figures, key=lambda case: (figures[case], case))
        drawn = {test: "test", train: "train"}
    elif len(figures) == 1 and missing == ["validation"]:
        drawn = dict.fromkeys(figures, "train")
    else:
        raise DataError(
            "fields must come from at least two cases, because they are split by case. "
            f"Received: {count_of(len(known), 'case')} ({', '.join(known[:5])})"
        )
    splits = [
        drawn[item.case] if split is None else split
        for item, split in zip(items, fixed, strict=True)
    ]
    notes = []
    if "validation" not in splits:
        notes.append(_share_a_case(items, splits, config.validation_fraction))
    for split in SPLITS:
        if not sum(i.figures for i, own in zip(items, splits, strict=True) if own == split):
            raise DataError(f"the {split} fields must have a mitotic figure. Received: none")
    return splits, notes


def stated_splits(items: Sequence[SplitItem], config: DataConfig) -> list[Split | None]:
    """The split of each field whose case the configuration names or the data set holds out.

    Raises:
        DataError: A named case is not there.
    """
    known = sorted({item.case for item in items})
    for case in (*config.test_cases, *config.validation_cases):
        if case not in known:
            raise DataError(
                f"a case to hold out must be one of {', '.join(known)}. Received: {case}"
            )
    return [_stated(item, config) for item in items]


def fine_tuning_splits(items: Sequence[SplitItem], config: DataConfig) -> list[Split]:
    """Splits for a fine-tuning, which can spare no field: all train but those of `stated_splits`.

    A case from which the start has learned only trains: on it no score would be fair.

    Raises:
        DataError: As of `stated_splits`.
    """
    stated = stated_splits(items, config)
    return [
        "train" if split is None or item.learned else split
        for item, split in zip(items, stated, strict=True)
    ]


def parts(fields: Sequence[StoredField], number: int) -> list[frozenset[int]]:
    """Part the training fields by case, those of a data set with too few cases in order.

    What an earlier data set has parted, a case or fields of the same tissue, keeps its part. A part
    is given only where stage 1 can learn without it: where the others have a mitotic figure and a
    completely labelled field.

    Args:
        fields: Training fields.
        number: How many parts; 0 for none.

    Returns:
        For each part that can be left out the indices of its fields.
    """
    result: list[set[int]] = [set() for _ in range(number)]
    if not number:
        return []
    of_case: dict[str, int] = {}
    of_tissue: dict[str, int] = {}
    for source in dict.fromkeys(field.source for field in fields):
        own = [field for field in fields if field.source == source]
        cases = sorted(dict.fromkeys(field.case for field in own), key=lambda c: c not in of_case)
        # What shows the same tissue stays together where a case has to be parted.
        pieces = list(dict.fromkeys(field.tissue or str(field.index) for field in own))
        for field in own:
            piece = pieces.index(field.tissue or str(field.index))
            share = piece * number // len(pieces)
            turn = cases.index(field.case) % number if len(cases) >= number else share
            turn = of_tissue.get(field.tissue, of_case.get(field.case, turn))
            result[turn].add(field.index)
            if field.tissue:
                of_tissue[field.tissue] = turn
            if len(cases) >= number:
                of_case.setdefault(field.case, turn)
    rest = [[field for field in fields if field.index not in part] for part in result]
    return [
        frozenset(part)
        for part, others in zip(result, rest, strict=True)
        if part
        and any(len(field.figures) for field in others)
        and any(field.complete for field in others)
    ]


def _stated(item: SplitItem, config: DataConfig) -> Split | None:
    if item.case in config.test_cases:
        return "test"
    if item.case in config.validation_cases:
        return "validation"
    return None if item.prescribed == "train" else item.prescribed


def _draw(figures: Mapping[str, int], shares: Mapping[Split, float], seed: int) -> dict[str, Split]:
    """Draw cases for splits until each, training as well, has a mitotic figure."""
    cases = sorted(figures)
    wanted = {split: max(1, round(share * len(cases))) for split, share in shares.items()}
    while sum(wanted.values()) >= len(cases):
        wanted[max(wanted, key=lambda split: wanted[split])] -= 1
    rng = stream(seed, "splits", len(cases))
    for _ in range(_TRIES):
        order = [cases[i] for i in rng.permutation(len(cases))]
        result: dict[str, Split] = dict.fromkeys(cases, "train")
        for split, number in wanted.items():
            result.update({order.pop(): split for _ in range(number)})
        if all(any(figures[c] for c in cases if result[c] == s) for s in ("train", *wanted)):
            return result
    holders = sum(1 for case in cases if figures[case])
    raise DataError(
        f"{', '.join(('training', *wanted))} must each have a case with a mitotic figure. "
        f"Received: {holders} of {len(cases)} cases with one"
    )


def _share_a_case(items: Sequence[SplitItem], splits: list[Split], fraction: float) -> str:
    """Move the last training fields to validation, in place; what to say about it."""
    train = [index for index, split in enumerate(splits) if split == "train"]
    with_figures = [index for index in train if items[index].figures]
    if len(with_figures) < 2:
        raise DataError(
            "training and validation must each have a field with a mitotic figure. "
            f"Received: {len(with_figures)} such fields in case {items[train[0]].case}"
        )
    # Thresholds rest on figures, so their share counts as well as that of the fields.
    wanted = fraction * sum(items[index].figures for index in train)
    first = min(train[-max(1, round(fraction * len(train)))], with_figures[-1])
    while sum(items[index].figures for index in train if index >= first) < wanted:
        first = train[train.index(first) - 1]
    first = max(first, with_figures[1])
    held = _with_their_tissue(items, train, first)
    for index in held:
        splits[index] = "validation"
    which = f"its last {len(held)} fields" if held == train[-len(held) :] else f"{len(held)} fields"
    return (
        f"validation shares case {items[first].case} with training ({which}), "
        "because no other case is left: validation scores are optimistic, test scores are not"
    )


def _with_their_tissue(items: Sequence[SplitItem], train: Sequence[int], first: int) -> list[int]:
    """Those from the first on, and what shows some of the same tissue, as far as training keeps a
    mitotic figure; else without what training shows."""
    last = {index for index in train if index >= first}

    def showing(indices: set[int]) -> set[int]:
        shown = {items[index].tissue for index in indices} - {""}
        return {index for index in train if items[index].tissue in shown}

    for held in (last | showing(last), last - showing(set(train) - last), last):
        left = set(train) - held
        if all(any(items[index].figures for index in side) for side in (held, left)):
            return sorted(held)
    return sorted(last)
