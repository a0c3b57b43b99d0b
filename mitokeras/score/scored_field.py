"""A field with its truth, and the counts of what a detector said of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import field as attribute
from typing import TYPE_CHECKING

import numpy as np
from shapely.geometry.base import BaseGeometry

from mitokeras.counting.atypical import Subtype
from mitokeras.counting.matching import match
from mitokeras.data.known import area_px, is_inside, is_near
from mitokeras.data.protocols import Protocol
from mitokeras.detect.candidates import Candidates

if TYPE_CHECKING:
    from mitokeras.data.stored_field import StoredField  # HDF5, which a workstation lacks


@dataclass(frozen=True, eq=False)
class ScoredField:
    """A field with its truth and what the detector said.

    Attributes:
        name: Name of the image.
        case: The patient or slide.
        spacing_um_px: Size of the pixels that the coordinates are in.
        area_mm2: Area in which every mitotic figure is labelled.
        truths: Centroids (x, y) of the mitotic figures, shape (n, 2).
        candidates: After both stages.
        source: The data set of a mixture that it belongs to.
        complete: Whether every mitotic figure in it is among the truths. Where not, a detection
            that hits none may be right, and is not counted.
        repeats: Rectangles (left, top, right, bottom) that are scored in another field, shape
            (k, 4). Truths and detections inside count for nothing here, and `area_mm2` is without
            them.
        labelled: Area in which every mitotic figure is labelled; None for the whole field. Truths
            and detections outside count for nothing where `complete`.
        unsure: Places (x, y) of which nothing is known, shape (l, 2). A detection there that hits
            no truth counts for nothing.
        subtypes: `Subtype` of each of the truths, shape (n,); None where they are not looked at.
        only: Counts the truths of this subtype alone, and no detection that hits none.
    """

    name: str
    case: str
    spacing_um_px: float
    area_mm2: float
    truths: np.ndarray
    candidates: Candidates
    source: str = ""
    complete: bool = True
    repeats: np.ndarray = attribute(default_factory=lambda: np.zeros((0, 4)))
    labelled: BaseGeometry | None = None
    unsure: np.ndarray = attribute(default_factory=lambda: np.zeros((0, 2)))
    subtypes: np.ndarray | None = None
    only: Subtype = ""

    @classmethod
    def of(cls, field: StoredField, candidates: Candidates | None = None) -> ScoredField:
        """A field of a store, with what the detector said of it, if anything yet."""
        return cls(
            name=field.name,
            case=field.case,
            spacing_um_px=field.spacing_um_px,
            area_mm2=area_px(field.width, field.height, field.labelled, field.repeats)
            * field.spacing_um_px**2
            / 1e6,
            truths=field.figures,
            candidates=Candidates.none() if candidates is None else candidates,
            source=field.source,
            complete=field.complete,
            repeats=field.repeats,
            labelled=field.labelled,
            unsure=field.unsure,
            subtypes=field.subtypes,
        )

    @property
    def figures(self) -> int:
        """Number of mitotic figures that are scored in this field."""
        return int(self._counted().sum())

    def _counted(self) -> np.ndarray:
        """Which of the truths are scored in this field, bool, shape (n,)."""
        counted = self._is_scored(self.truths)
        return counted & (self.subtypes == self.only) if self.only else counted

    def _is_scored(self, xy: np.ndarray) -> np.ndarray:
        """Which points (x, y) lie where this field is scored, bool, shape (n,)."""
        scored = ~inside(xy, self.repeats)
        return scored & is_inside(xy, self.labelled) if self.complete else scored

    def radius_px(self, protocol: Protocol) -> float:
        return protocol.radius_px(self.spacing_um_px)

    def detections(self, stage: str) -> np.ndarray:
        """Points (x, y) that a stage of `STAGE_NAMES` calls mitotic figures, shape (m, 2)."""
        xy = self.candidates.xy
        return xy if stage == "segmenter" else xy[self.candidates.accepted]

    def count(self, detections: np.ndarray, protocol: Protocol) -> np.ndarray:
        """True positives, false positives and false negatives, int64, shape (3,)."""
        # Pairs are found before anything is left out, so that the edge of a rectangle of `repeats`
        # parts none: a hit is left out with its truth.
        pairs = match(self.truths, detections, self.radius_px(protocol))
        own, found = self._counted(), self._is_scored(detections)
        hits = int(own[pairs[:, 0]].sum())
        found[pairs[:, 1]] = False
        found &= ~is_near(detections, self.unsure, self.radius_px(protocol))
        false = found.sum() if self.complete and not self.only else 0
        return np.array([hits, false, own.sum() - hits], dtype=np.int64)


def scored_figures(fields: Sequence[StoredField]) -> int:
    """Number of mitotic figures that are scored in some fields."""
    return sum(ScoredField.of(field).figures for field in fields)


def inside(xy: np.ndarray, boxes: np.ndarray) -> np.ndarray:
    """Which points (x, y) lie in one of some rectangles (left, top, right, bottom), bool."""
    points = np.asarray(xy, np.float64).reshape(-1, 1, 2)
    hit = np.all((points >= boxes[:, :2]) & (points < boxes[:, 2:]), axis=2)
    return np.asarray(np.any(hit, axis=1))
