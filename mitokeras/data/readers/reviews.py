"""Reviewed predictions: what `mitokeras predict` or `watch` wrote, with journals of `review`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import shapely

from mitokeras.counting.atypical import SUBTYPES, Subtype
from mitokeras.data.fields import DataSet, Field, Mark, Split
from mitokeras.data.known import KNOWN_RADIUS_UM
from mitokeras.data.readers.case_names import patient_of
from mitokeras.data.readers.cuts import cut
from mitokeras.data.readers.files import split_of
from mitokeras.data.readers.slide_folder import stated_slides
from mitokeras.data.readers.spacing import stated_spacing
from mitokeras.data.readers.tables import DATASET_JSON, read_dataset_json
from mitokeras.errors import DataError
from mitokeras.verdicts.events import Label
from mitokeras.verdicts.finding import SlideSource, predicted_folders
from mitokeras.verdicts.reviewer import reviewers_of
from mitokeras.verdicts.standing import Standing, standing_of
from mitokeras.verdicts.subject import PredictedSlide
from mitokeras.verdicts.together import Together, together

LOOKS_FOR = "predictions with journals of mitokeras review (review.NAME.jsonl)"

SLIDES = f'{{"slides": "FOLDER"}} in {DATASET_JSON}'

MEANING: dict[Label, str] = {
    "mitosis": "mitotic figures",
    "not mitosis": "look-alikes",
    "unsure": "unsure: nothing is known there",
}


def recognises(root: Path) -> bool:
    """Whether the folder is one of predictions, of which one has a journal."""
    return any(reviewers_of(folder) for folder in predicted_folders(root))


def read(root: Path, spacing_um_px: float | None) -> DataSet:
    """The slides that were reviewed, and were predicted as they are now.

    A verdict or added figure is a label. Inside an outline in which a reader has judged every
    candidate all is labelled, elsewhere only what was judged is known. Verdicts on earlier
    predictions do not count. `dataset.json` may name one `reviewer`, and where the `slides` lie.

    Raises:
        DataError: A slide is not there or has changed, a journal is damaged or of another slide.
    """
    about = read_dataset_json(root)
    stated = stated_spacing(root, spacing_um_px)
    source = SlideSource(root, stated_slides(root), SLIDES)
    folders = predicted_folders(root)
    said = _Said()
    fields: list[Field] = []
    for folder in folders:
        names = _reviewers(folder, about, root)
        if not names:
            continue
        found = source.find(folder)
        if found.slide is None:
            raise DataError(found.trouble)
        standings = {name: _standing(found.slide, name) for name in names}
        joined = together(found.slide.prediction, standings)
        said.add(standings, joined)
        fields += _fields(found.name, found.slide, joined, stated, split_of(folder, root))
    notes = said.notes(len(folders), fields)
    return DataSet("reviews", tuple(fields), tuple(notes))


def _reviewers(folder: Path, about: Mapping[str, Any], root: Path) -> list[str]:
    names = reviewers_of(folder)
    wanted = about.get("reviewer")
    if wanted is None:
        return names
    if not isinstance(wanted, str):
        raise DataError(f"{root / DATASET_JSON}: reviewer must be a name. Received: {wanted!r}")
    return [name for name in names if name == wanted]


def _standing(slide: PredictedSlide, name: str) -> Standing:
    return standing_of(slide.journal(name).events(), slide.fingerprint)


def _fields(
    name: str, slide: PredictedSlide, said: Together, stated: float | None, split: Split | None
) -> list[Field]:
    if not said.judged and not said.finished:
        return []
    image = slide.image
    marks: dict[Label, list[Mark]] = {label: [] for label in MEANING}
    for one in said.judged:
        marks[one.label].append(Mark(one.x, one.y, label=one.label, subtype=one.subtype))
    finished = [shapely.Polygon(outline) for outline in said.finished]
    whole = Field(
        image=slide.path,
        case=patient_of(name) or name,
        spacing_um_px=stated or image.spacing_um_px,
        figures=tuple(marks["mitosis"]),
        lookalikes=tuple(marks["not mitosis"]),
        unsure=tuple(marks["unsure"]),
        split=split,
        complete=bool(finished),
        labelled=shapely.union_all(finished) if finished else None,
        stated_size_px=(image.width_px, image.height_px),
    )
    return cut(whole, image.width_px, image.height_px)


class _Said:
    """What the notes tell of all slides."""

    def __init__(self) -> None:
        self.slides = 0
        self.labels: Counter[Label] = Counter()
        self.subtypes: Counter[Subtype] = Counter()
        self.readers: Counter[str] = Counter()
        self.differ = self.finished = self.unfinished = self.earlier = 0

    def add(self, readers: Mapping[str, Standing], said: Together) -> None:
        self.slides += bool(said.judged or said.finished)
        self.labels.update(one.label for one in said.judged)
        self.subtypes.update(one.subtype for one in said.judged if one.subtype)
        self.differ += sum(one.differ for one in said.judged)
        self.finished += len(said.finished)
        self.unfinished += said.unfinished
        self.readers.update(name for name, own in readers.items() if own.verdicts or own.added)
        self.earlier += sum(len(standing.earlier) for standing in readers.values())

    def notes(self, predicted: int, fields: Sequence[Field]) -> list[str]:
        names = ", ".join(f"{name} ({count})" for name, count in sorted(self.readers.items()))
        notes = [f"{self.slides} of {predicted} predicted slides have verdicts, of: {names or '-'}"]
        labels = (f"{self.labels[label]} {label} ({what})" for label, what in MEANING.items())
        notes.append(f"verdicts: {', '.join(labels)}")
        if self.subtypes:
            told = ", ".join(f"{self.subtypes[subtype]} {subtype}" for subtype in SUBTYPES)
            notes.append(f"mitoses: {told}, by readers who mark atypical ones")
        if self.differ:
            notes.append(f"{self.differ} places are unsure as their readers differ")
        if self.earlier:
            notes.append(
                f"{self.earlier} marks on earlier predictions do not count: take them over in "
                "mitokeras review"
            )
        if self.unfinished:
            notes.append(
                f"{self.unfinished} drawn regions hold candidates without a verdict: only what was "
                "judged is known there"
            )
        parts = sum(field.window is not None for field in fields)
        if parts:
            slides = len({field.image for field in fields if field.window is not None})
            notes.append(f"{parts} fields are cut out of {slides} slides, about what was judged")
        known = f"what lies within {KNOWN_RADIUS_UM:g} um of a judged place is known"
        if self.finished:
            notes.append(
                f"{self.finished} drawn regions are labelled whole; elsewhere only {known}"
            )
        else:
            notes.append(
                f"no drawn region was judged whole: only {known}, no false figure counts, and "
                "recall is of what the reviewed model found and readers added"
            )
        return notes
