"""The paper's pictures: of the data, of candidates, of detections."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure

from mitokeras.data.loading import load_field
from mitokeras.data.protocols import get_protocol
from mitokeras.data.readers import read_dataset
from mitokeras.data.stain import DEFAULT_NORMALIZER
from mitokeras.data.store import Store
from mitokeras.data.stored_field import StoredField
from mitokeras.detect.candidates import cut_crops
from mitokeras.disk.files import read_json, sha256_of, write_json
from mitokeras.disk.locks import sole_writer
from mitokeras.disk.records import Record, parse
from mitokeras.errors import DataError
from mitokeras.report.paper.candidates import MOST, Column, ScoredCrop, candidates_figure
from mitokeras.report.paper.labels import SampleField, labels_figure
from mitokeras.report.paper.stains import stains_figure
from mitokeras.report.run.style import save_png_and_svg
from mitokeras.reproduce.subject import Subject
from mitokeras.reproduce.targets import DataPicture, DetectionPicture
from mitokeras.reproduce.workspace import Workspace
from mitokeras.train.answers import AnsweredField, rejected_sheet
from mitokeras.train.mining import is_figure

SAMPLES = 3


class PictureRecord(Record):
    """What stands beside a picture.

    Attributes:
        title: Title of the figure.
        caption: Sentences that say how to read it, and what it is of.
        made_of: Hashes of what it shows.
    """

    title: str
    caption: str
    made_of: str


@dataclass(frozen=True)
class Picture:
    """A figure of the paper.

    Attributes:
        title: Title of the figure.
        caption: How to read it.
    """

    title: str
    caption: str


PICTURES: Mapping[str, Picture] = {
    "figure5": Picture(
        "Figure 5: candidates and their labels",
        "What stage 1 finds in the test fields, by the labels that stage 2 learns from.",
    ),
    "figure7": Picture(
        "Figure 7: fields and their labels",
        "The fields with the most mitotic figures, of different cases while there are any.",
    ),
    "figure8": Picture(
        "Figure 8: stain normalisation",
        "Regions of the same fields, before and after.",
    ),
    "figure9": Picture(
        "Figure 9: detections of both stages",
        "The test field with the most to see; below it each detection and miss enlarged.",
    ),
    "figure10": Picture(
        "Figure 10: candidates that stage 2 rejected",
        "Those of all test fields, nearest to being accepted first.",
    ),
    "figure11": Picture(
        "Figure 11: detections of stage 1 alone",
        "The same field as in figure 9, before stage 2: what the segmenters of table 4 are scored "
        "by.",
    ),
}
"""Figures 9 and 11 are the paper's pictures of detections on ICPR 2012 and on GZMH, where it scores
both stages and stage 1; here both are of the data at hand."""


def draw_of_data(workspace: Workspace, target: DataPicture, again: bool = True) -> None:
    """Draw sample fields of the data set.

    Args:
        workspace: The experiments on a data set.
        target: Figure 7 or 8.
        again: Whether one that is there already is drawn anew.

    Raises:
        DataError: The data set breaks a rule.
    """
    with sole_writer(workspace.root):
        workspace.prepare()
        with workspace.store() as store:
            if not again and _is_current(workspace.root, target, store.data_sha256):
                return
            samples = _samples(workspace, store)
            made_of = store.data_sha256
        picture = PICTURES[target]
        if target == "figure7":
            figure = labels_figure(samples, picture.title)
        else:
            figure = stains_figure(samples, DEFAULT_NORMALIZER, picture.title)
        _save(workspace.root, target, figure, f"data set {workspace.data_name}", made_of)


def draw_of_detector(
    folder: Path,
    targets: Sequence[DetectionPicture],
    subject: AbstractContextManager[Subject],
    again: bool = True,
) -> None:
    """Draw what a detector says of its test fields.

    Args:
        folder: Gets the figures.
        targets: Some of figures 5, 9, 10 and 11.
        subject: The detector.
        again: Whether those that are there already are drawn anew.

    Raises:
        DataError: No test field is completely labelled.
    """
    with subject as shown:
        wanted = [each for each in targets if again or not _is_current(folder, each, shown.made_of)]
        if not shown.fields:
            raise DataError(f"{shown.name}: a completely labelled test field is needed")
        with sole_writer(folder):
            for target in wanted:
                _save(folder, target, _DRAWN[target](shown), shown.described, shown.made_of)


def read_picture(folder: Path, target: str) -> PictureRecord | None:
    """What was drawn, or None."""
    path = folder / f"{target}.json"
    return parse(PictureRecord, read_json(path)) if path.is_file() else None


def _is_current(folder: Path, target: str, made_of: str) -> bool:
    found = read_picture(folder, target)
    drawn = all((folder / f"{target}.{suffix}").is_file() for suffix in ("png", "svg"))
    return drawn and found is not None and found.made_of == made_of


def _save(folder: Path, target: str, figure: Figure, subject: str, made_of: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    save_png_and_svg(figure, folder / target)
    picture = PICTURES[target]
    record = PictureRecord(
        title=picture.title, caption=f"{picture.caption} Of {subject}.", made_of=made_of
    )
    write_json(folder / f"{target}.json", record.to_json())


def _samples(workspace: Workspace, store: Store) -> list[SampleField]:
    """The fields with the most mitotic figures, each of another case while there are any."""
    ranked = sorted(store.fields, key=lambda field: -len(field.figures))
    first: dict[str, StoredField] = {}
    for field in ranked:
        first.setdefault(field.case, field)
    rest = [field for field in ranked if field not in first.values()]
    settings = workspace.settings
    dataset = read_dataset(Path(settings.data), settings.layout, settings.spacing_um_px)
    samples = []
    for stored in [*first.values(), *rest][:SAMPLES]:
        # As the data set has it: the store's are normalised.
        own = next(
            each
            for each in dataset.fields
            if each.image.name == stored.name and sha256_of(each.image) == stored.image_sha256
        )
        samples.append(SampleField(stored.name, stored.case, own.spacing_um_px, load_field(own)))
    return samples


def _candidates(subject: Subject) -> Figure:
    spec = subject.detector.spec
    protocol = get_protocol(spec.protocol)
    ranked: dict[bool, list[tuple[float, StoredField, np.ndarray]]] = {True: [], False: []}
    for one in subject.answered:
        found = one.scored.candidates
        labels = is_figure(one.field, found.xy, protocol)
        for label, score, xy in zip(labels, found.segmenter_score, found.xy, strict=True):
            ranked[bool(label)].append((float(score), one.field, xy))
    columns = []
    for own in ranked.values():
        own.sort(key=lambda each: -each[0])
        shown = [
            ScoredCrop(cut_crops(field.image(), xy[None], spec.crop_px)[0], score)
            for score, field, xy in own[:MOST]  # of what may be very many
        ]
        columns.append(Column(shown, len(own)))
    figures, others = columns
    return candidates_figure(figures, others, PICTURES["figure5"].title, spec.spacing_um_px)


def _fullest(subject: Subject) -> AnsweredField:
    return max(subject.answered, key=lambda one: one.content)


def _detections(subject: Subject) -> Figure:
    return _fullest(subject).overlay(subject.detector.spec.protocol, "Both stages: ")


def _segmented(subject: Subject) -> Figure:
    """All candidates are detections, and stage 2 has no word on them."""
    shown = _fullest(subject)
    found = shown.scored.candidates
    alone = replace(
        found,
        accepted=np.ones(len(found), dtype=bool),
        classifier_score=np.full(len(found), np.nan, dtype=np.float32),
    )
    scored = replace(shown.scored, candidates=alone)
    return AnsweredField(shown.field, scored).overlay(
        subject.detector.spec.protocol, "Stage 1 alone: "
    )


_DRAWN: Mapping[DetectionPicture, Callable[[Subject], Figure]] = {
    "figure5": _candidates,
    "figure9": _detections,
    "figure10": lambda subject: rejected_sheet(subject.answered, subject.detector.spec),
    "figure11": _segmented,
}
