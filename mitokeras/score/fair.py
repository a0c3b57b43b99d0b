"""Scoring a detector on a data set, without the fields that it has learned from."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import cache
from itertools import compress
from pathlib import Path

import numpy as np

from mitokeras.counting.atypical import Subtyping
from mitokeras.data.fields import Field, LoadedField
from mitokeras.data.known import area_px
from mitokeras.data.loading import load_field
from mitokeras.data.marked_lookalikes import notes_on_marked
from mitokeras.data.masks import notes_on_soft
from mitokeras.data.overlaps import overlaps_among
from mitokeras.data.protocols import get_protocol
from mitokeras.data.sharing import scored_once
from mitokeras.data.views import View, views_of
from mitokeras.detect.candidates import Candidates
from mitokeras.detect.detector import FieldDetector
from mitokeras.detect.folder import model_folder
from mitokeras.detect.learned import read_learned
from mitokeras.disk.files import sha256_of
from mitokeras.errors import DataError
from mitokeras.score.evaluation import score_fields
from mitokeras.score.scored_field import ScoredField
from mitokeras.score.scores import Scores
from mitokeras.score.shown import shown_candidates
from mitokeras.score.subtypes import JudgedFigures, score_subtypes

MOST_NAMES = 3
"""A note names no more of the fields that are left out."""


def evaluate(
    detector: FieldDetector,
    fields: Sequence[Field],
    model: str | Path,
    protocol: str | None = None,
    progress: Callable[[Sequence[Field]], Iterable[Field]] = iter,
) -> Scores:
    """Score the stages on the fields that are fair to score.

    Left out are fields that the run of the model trained or validated on: the same files, and whole
    fields that show some of the same tissue. So are, where the data set prescribes test fields, its
    others; tissue that several fields show is scored in one of them, unless each labels what the
    other does not. Candidates in blank tiles, which `predict` passes over, are none. `notes` of the
    scores say so.

    Args:
        detector: Loaded from `model`.
        fields: The fields of one data set.
        model: The run or bundle, or the name of a shipped model.
        protocol: A name of `PROTOCOLS`; that of the detector if None.
        progress: Is given the fields, and gives each when it is to be scored.

    Raises:
        DataError: Nothing is left, or a field cannot be read.

    Example:
        >>> from mitokeras.data.readers import read_dataset
        >>> from mitokeras.data.synthetic.writer import write_synthetic
        >>> fields = read_dataset(write_synthetic(Path("unseen"), 2, seed=2, field_px=512)).fields
        >>> scores = evaluate(FieldDetector.load("edge"), fields, "edge")
        >>> scores.both.tp + scores.both.fn == scores.figures
        True
    """
    kept, views, notes = _fair(fields, model)
    kept, more = scored_once(kept, overlaps_among(views))
    rule = get_protocol(protocol or detector.spec.protocol)
    scored, judged = [], []
    soft_masks = marked_lookalikes = 0
    blank = np.zeros(2, int)
    for field in progress(kept):
        loaded = load_field(field)
        soft_masks += loaded.has_soft_mask
        marked_lookalikes += loaded.marked_lookalikes
        name = str(field.image)
        found = detector.find(loaded.image, field.spacing_um_px, name)
        shown = shown_candidates(loaded.image, field.spacing_um_px, found, detector.spec, name)
        blank += (len(found) - len(shown), found.accepted.sum() - shown.accepted.sum())
        scored.append(_scored(field, loaded, shown))
        if detector.subtyper is not None and (loaded.subtypes != "").any():
            at = (loaded.image, field.spacing_um_px, loaded.figures, name)
            of_figures = detector.atypical_scores(*at)
            judged.append(JudgedFigures.of_known(loaded.subtypes, of_figures, field.case))
    notes += [*more, *notes_on_soft(soft_masks), *notes_on_marked(marked_lookalikes)]
    if blank.any():
        notes.append(
            f"{blank[0]} candidates, {blank[1]} of them accepted, are left out: they lie in tiles "
            "without tissue, which predict passes over"
        )
    scores = score_fields(scored, rule, detector.spec.thresholds).changed(notes=notes)
    return _with_subtyping(scores, judged, detector.spec.subtyping)


def _with_subtyping(
    scores: Scores, judged: Sequence[JudgedFigures], subtyping: Subtyping | None
) -> Scores:
    """With those of stage 3, where enough figures have a subtype."""
    if subtyping is None or not judged or not (figures := JudgedFigures.joined(judged)).enough:
        return scores
    return scores.changed(subtyping=score_subtypes(figures, subtyping.threshold))


def _scored(field: Field, loaded: LoadedField, candidates: Candidates) -> ScoredField:
    height, width = loaded.mask.shape
    repeats = np.array(field.repeats, np.float64).reshape(-1, 4)
    return ScoredField(
        name=field.name,
        case=field.case,
        spacing_um_px=field.spacing_um_px,
        area_mm2=area_px(width, height, field.labelled, repeats) * field.spacing_um_px**2 / 1e6,
        truths=loaded.figures,
        candidates=candidates,
        complete=field.complete,
        repeats=repeats,
        labelled=field.labelled,
        unsure=loaded.unsure,
        subtypes=loaded.subtypes,
    )


def _fair(fields: Sequence[Field], model: str | Path) -> tuple[list[Field], list[View], list[str]]:
    """The fields to score, how their tissue looks, and notes."""
    notes = []
    kept = list(fields)
    if any(field.split == "test" for field in fields):
        kept = [field for field in fields if field.split == "test"]
        notes.append(f"scored are the {len(kept)} fields that the data set prescribes for test")
    learned = read_learned(model_folder(model))
    if learned.images is None and learned.tissue is None:
        notes.append("the model does not say which images it learned from: all are scored")
    elif learned.tissue is None:
        notes.append(
            "the model does not say how the tissue looks that it learned from: the same files are "
            "left out, but no other copies of them"
        )
    whole = len(kept)
    file_sha256 = cache(sha256_of)  # many fields may be of one slide
    same = [learned.has_file(file_sha256(field.image)) for field in kept]
    if any(same):
        notes.append(
            f"{sum(same)} of {whole} fields are left out: the model was trained or validated on "
            f"the same files ({_names(compress(kept, same))})"
        )
    kept = [field for field, out in zip(kept, same, strict=True) if not out]
    views = views_of(kept)
    shown = [learned.has_tissue(view.keypoints) for view in views]
    if any(shown):
        notes.append(
            f"{sum(shown)} of {whole} fields are left out: they show, wholly or in part, tissue "
            f"that the model was trained or validated on ({_names(compress(kept, shown))})"
        )
    fair = [each for each, out in zip(zip(kept, views, strict=True), shown, strict=True) if not out]
    if not fair:
        place = fields[0].image.parent
        raise DataError(
            f"{place}: the model was trained or validated on tissue of every field in it"
        )
    return [field for field, _ in fair], [view for _, view in fair], notes


def _names(fields: Iterable[Field]) -> str:
    names = [field.name for field in fields]
    return ", ".join([*names[:MOST_NAMES], *["..."] * (len(names) > MOST_NAMES)])
