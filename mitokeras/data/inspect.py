"""What a data set holds: counts by case, sizes, what is missing, and what is wrong with it."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from mitokeras.data.fields import DataSet, Field, LoadedField
from mitokeras.data.known import area_px
from mitokeras.data.loading import load_field
from mitokeras.data.marked_lookalikes import notes_on_marked
from mitokeras.data.masks import notes_on_soft
from mitokeras.data.overlaps import Overlap, overlaps_of
from mitokeras.data.sharing import Contradiction, contradictions
from mitokeras.disk.files import sha256_of
from mitokeras.errors import DataError

PAINT_MIN_RED_GREEN = 200
PAINT_MAX_BLUE = 100
"""ICPR 2012 paints mitoses (255, 255, 0); these bounds allow for JPEG compression. No pixel of an
H&E stain is yellow."""

PAINTED_SHARE = 0.5

PAIRS_SHOWN = 12


@dataclass(frozen=True)
class _Seen:
    """What was seen of one field; None where it was not decoded or could not be."""

    field: Field
    mitoses: int | None
    size: tuple[int, int] | None = None
    digest: str | None = None
    is_painted: bool = False
    has_soft_mask: bool = False
    marked_lookalikes: int = 0
    problem: str | None = None


def inspect_dataset(dataset: DataSet, decode: bool = True) -> dict[str, Any]:
    """Summarise a data set, for JSON.

    Args:
        dataset: From `read_labels`, or from `read_dataset` if its images must be there.
        decode: Decode every image and mask. Without, it is quick, but image sizes and areas stay
            unknown, mitoses in masks are not counted and damaged files are not found.

    Returns:
        layout; fields, and missing_fields that have labels but no image; mitoses and lookalikes,
        of missing fields too, and missing_mitoses of those; uncounted_fields whose mitoses are
        not known; cases and splits with the same counts; image_sizes (pixels); spacings_um_px;
        area_mm2 of the decoded fields, or None, and labelled_mm2 of it in which every mitotic
        figure is labelled; overlaps, pairs of decoded fields that show the same tissue, copies
        among them, with its share of the smaller one and whether their cases differ;
        contradictions, mitotic figures there that the other field does not have; problems, one
        line per file that breaks a rule; notes.
    """
    file_sha256 = cache(sha256_of)  # many fields may be of one slide
    seen = [_examine(field, decode, file_sha256) for field in dataset.fields]
    absent = [_Seen(field, len(field.figures)) for field in dataset.missing]
    everything = [*seen, *absent]
    cases: dict[str, list[_Seen]] = defaultdict(list)
    splits: dict[str, list[_Seen]] = defaultdict(list)
    for one in everything:
        cases[one.field.case].append(one)
        splits[one.field.split or "none"].append(one)
    sizes = Counter(one.size for one in seen if one.size)
    areas = [_area_mm2(one) for one in seen if one.size]
    whole = [one.field for one in seen if one.size]
    digests = [one.digest for one in seen if one.size]
    overlaps = overlaps_of(whole)
    contradicted = contradictions(whole, overlaps)
    no_copies = [each for each in overlaps if digests[each.first] != digests[each.second]]
    return {
        "layout": dataset.layout,
        "fields": len(seen),
        "missing_fields": len(absent),
        **_counts(everything),
        "missing_mitoses": sum(one.mitoses or 0 for one in absent),
        "uncounted_fields": sum(one.mitoses is None for one in everything),
        "cases": [
            _case_row(case, members, {id(one) for one in absent})
            for case, members in sorted(cases.items())
        ],
        "splits": [
            {"split": split, "fields": len(members), **_counts(members)}
            for split, members in sorted(splits.items())
        ],
        "image_sizes": [
            {"width": width, "height": height, "fields": count}
            for (width, height), count in sizes.most_common()
        ],
        "spacings_um_px": sorted({one.field.spacing_um_px for one in everything}),
        "area_mm2": sum(areas) if areas else None,
        "labelled_mm2": sum(_labelled_mm2(one) for one in seen if one.size) if areas else None,
        "overlaps": [_overlap_row(whole, overlap) for overlap in overlaps],
        "contradictions": [_contradiction_row(whole, each) for each in contradicted],
        "problems": [one.problem for one in seen if one.problem],
        "notes": [
            *dataset.notes,
            *_findings(seen),
            *_overlap_notes(whole, no_copies, contradicted),
        ],
    }


def looks_painted(loaded: LoadedField) -> bool:
    """Whether most pixels of the mask are yellow, as in the JPEG frames of ICPR 2012."""
    pixels = loaded.image[loaded.mask > 0]
    if not len(pixels):
        return False
    red, green, blue = pixels.T
    yellow = (np.minimum(red, green) >= PAINT_MIN_RED_GREEN) & (blue <= PAINT_MAX_BLUE)
    return bool(yellow.mean() > PAINTED_SHARE)


def _examine(field: Field, decode: bool, file_sha256: Callable[[Path], str]) -> _Seen:
    marked = None if field.mask else len(field.figures)
    if not decode:
        return _Seen(field, marked)
    try:
        loaded = load_field(field)
    except DataError as error:
        return _Seen(field, marked, problem=str(error))
    return _Seen(
        field,
        mitoses=len(loaded.figures),
        size=(loaded.image.shape[1], loaded.image.shape[0]),
        digest=f"{file_sha256(field.image)}{field.window or ''}",
        is_painted=looks_painted(loaded),
        has_soft_mask=loaded.has_soft_mask,
        marked_lookalikes=loaded.marked_lookalikes,
    )


def _case_row(case: str, members: Sequence[_Seen], absent: set[int]) -> dict[str, Any]:
    missing = sum(id(one) in absent for one in members)
    return {
        "case": case,
        "fields": len(members) - missing,
        "missing_fields": missing,
        **_counts(members),
        "splits": sorted({one.field.split for one in members if one.field.split}),
    }


def _counts(members: Iterable[_Seen]) -> dict[str, int]:
    members = list(members)
    return {
        "mitoses": sum(one.mitoses or 0 for one in members),
        "lookalikes": sum(len(one.field.lookalikes) for one in members),
    }


def _area_mm2(one: _Seen) -> float:
    width, height = one.size or (0, 0)
    return width * height * (one.field.spacing_um_px / 1000) ** 2


def _labelled_mm2(one: _Seen) -> float:
    if not one.field.complete:
        return 0.0
    width, height = one.size or (0, 0)
    pixels = area_px(width, height, one.field.labelled, np.zeros((0, 4)))
    return pixels * (one.field.spacing_um_px / 1000) ** 2


def _findings(seen: Sequence[_Seen]) -> list[str]:
    """Notes on what only the pixels show."""
    notes = []
    painted = sum(one.is_painted for one in seen)
    if painted:
        notes.append(
            f"mitoses are painted yellow in {painted} of {len(seen)} frames: a net would learn the "
            "paint, so neither train nor test on them"
        )
    notes += notes_on_soft(sum(one.has_soft_mask for one in seen))
    notes += notes_on_marked(sum(one.marked_lookalikes for one in seen))
    cases_of: dict[str, list[str]] = defaultdict(list)
    for one in seen:
        if one.digest:
            cases_of[one.digest].append(one.field.case)
    copies = sum(len(cases) - 1 for cases in cases_of.values())
    across = sum(len(set(cases)) > 1 for cases in cases_of.values())
    if copies:
        notes.append(
            f"{copies} images are exact copies of others"
            + (
                f", {across} of them under another case: they may meet in two splits"
                if across
                else ""
            )
        )
    return notes


def _overlap_row(fields: Sequence[Field], overlap: Overlap) -> dict[str, Any]:
    first, second = fields[overlap.first], fields[overlap.second]
    return {
        "first": first.name,
        "second": second.name,
        "dx_um": overlap.dx_um,
        "dy_um": overlap.dy_um,
        "share": overlap.share,
        "cases_differ": first.case != second.case,
    }


def _contradiction_row(fields: Sequence[Field], found: Contradiction) -> dict[str, Any]:
    return {
        "marked": fields[found.marked].name,
        "other": fields[found.other].name,
        "x": found.x,
        "y": found.y,
        "called": found.called,
    }


def _overlap_notes(
    fields: Sequence[Field], overlaps: Sequence[Overlap], contradicted: Sequence[Contradiction]
) -> list[str]:
    """Notes on fields that show the same tissue."""
    rows = [_overlap_row(fields, overlap) for overlap in overlaps]
    rows.sort(key=lambda row: (not row["cases_differ"], -row["share"]))
    notes = []
    if rows:
        apart = sum(row["cases_differ"] for row in rows)
        notes.append(
            f"{len(rows)} pairs of fields show the same tissue, {apart} of them under different "
            "cases: training keeps them together and scores count what both show once"
        )
    for row in rows[:PAIRS_SHOWN]:
        cases = "of different cases" if row["cases_differ"] else "of one case"
        notes.append(
            f"{row['first']} and {row['second']}, {cases}, share {row['share']:.0%} of the smaller"
        )
    if len(rows) > PAIRS_SHOWN:
        notes.append(f"... and {len(rows) - PAIRS_SHOWN} more such pairs")
    for found in contradicted[:PAIRS_SHOWN]:
        notes.append(
            f"{fields[found.marked].name}: the mitosis at ({found.x:g}, {found.y:g}) is "
            f"{'a look-alike' if found.called == 'look-alike' else found.called} in "
            f"{fields[found.other].name}, which shows it as well"
        )
    if len(contradicted) > PAIRS_SHOWN:
        notes.append(f"... and {len(contradicted) - PAIRS_SHOWN} more such contradictions")
    return notes
