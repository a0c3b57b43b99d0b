"""One slide under review: what its page is told."""

from __future__ import annotations

from typing import Any

from mitokeras.counting.count import HOTSPOT_MM2, Count
from mitokeras.errors import DataError
from mitokeras.report.slide.words import warnings_of
from mitokeras.review.agreement import agreements
from mitokeras.review.corrected import Corrected, correct
from mitokeras.review.order import by_atypical_score, by_place, by_score, by_worth
from mitokeras.review.results.folder import FILE_NAMES, ResultsFolder
from mitokeras.review.review import Review
from mitokeras.review.server.pictures import TILE_PX, Pictures
from mitokeras.review.tissue import Tissue
from mitokeras.verdicts.events import Added, Verdict
from mitokeras.verdicts.reviewer import reviewers_of
from mitokeras.verdicts.standing import Standing, standing_of
from mitokeras.verdicts.subject import PredictedSlide


class Desk:
    """Where one reader reviews one slide.

    Args:
        name: Of the slide in the folder of predictions.
        slide: What is reviewed.
        reviewer: Who reviews it.

    Attributes:
        pictures: Of the slide.

    Raises:
        DataError: The slide is damaged; the methods, also where a journal is.
    """

    def __init__(self, name: str, slide: PredictedSlide, reviewer: str) -> None:
        self.name = name
        self.slide = slide
        self.review = Review(slide, reviewer)
        self._opened = slide.open()
        self._tissue = Tissue(self._opened)
        self.pictures = Pictures(self._opened)
        self._results = ResultsFolder(slide.folder, reviewer)

    def close(self) -> None:
        self._opened.close()

    def facts(self) -> dict[str, Any]:
        """What does not change: slide, model, candidates and their orders."""
        prediction = self.slide.prediction
        return {
            "name": self.name,
            "reviewer": self.review.reviewer,
            "image": prediction.image.model_dump(mode="json"),
            "model": {
                "name": prediction.model.name,
                "threshold": prediction.model.classifier_threshold,
            },
            "atypical": prediction.atypical is not None,
            "warnings": warnings_of(prediction),
            "written": self._written(),
            "field_diameter_mm": prediction.count.field_diameter_mm,
            "hotspot_mm2": HOTSPOT_MM2,
            "tile_px": TILE_PX,
            "levels": self.pictures.levels,
            "candidates": [
                [
                    one.x,
                    one.y,
                    one.classifier_score,
                    one.accepted,
                    one.area_um2,
                    one.atypical_score,
                    one.subtype,
                ]
                for one in prediction.detections
            ],
            "orders": {
                "worth": by_worth(prediction),
                "score": by_score(prediction),
                "place": by_place(prediction),
                "atypical": by_atypical_score(prediction),
            },
        }

    def state(self, standing: Standing | None = None) -> dict[str, Any]:
        """Where the review stands."""
        now = standing or self.review.standing()
        return {
            "lines": now.lines,
            "last": _last(now),
            "verdicts": {n: [each.label, each.atypical] for n, each in now.verdicts.items()},
            "added": {n: [each.x, each.y, each.atypical] for n, each in now.added.items()},
            "outlines": now.outlines,
            "earlier": self.review.left_over() if now.earlier else 0,
        }

    def corrected(self, threshold: float | None = None) -> Corrected:
        """The counts by the reader; at another threshold, what they would be.

        Raises:
            DataError: The threshold is none.
        """
        if threshold is not None and not 0 <= threshold <= 1:
            raise DataError(f"a threshold must be from 0 to 1. Received: {threshold}")
        standing = self.review.standing()
        tissue_mm2 = self.slide.prediction.count.tissue_mm2
        if standing.outlines:
            tissue_mm2 = min(tissue_mm2, self._tissue.area_mm2(standing.outlines))
        slide = self.slide
        name = self.review.reviewer
        return correct(slide.prediction, standing, name, slide.fingerprint, tissue_mm2, threshold)

    def counts(self, threshold: float | None) -> dict[str, Any]:
        """The counts for the page: by the model alone and by the reader."""
        corrected = self.corrected(threshold)
        return {
            "lines": corrected.lines,
            "threshold": corrected.threshold,
            "share": corrected.share.model_dump(),
            "model": _count(corrected.model_alone),
            "reviewed": _count(corrected.reviewed),
        }

    def write(self) -> dict[str, Any]:
        """Write the corrected results beside those of the model."""
        corrected = self.corrected()
        self.slide.check_current()
        self._results.write(corrected, self._opened)
        return {"folder": str(self._results.path), "lines": corrected.lines}

    def result(self, name: str) -> bytes | None:
        """A file of the results that were written last; None where there is none."""
        if name not in FILE_NAMES:
            return None
        try:
            return (self._results.path / name).read_bytes()
        except FileNotFoundError:
            return None

    def _written(self) -> int | None:
        """Lines of the journal that the results on disk rest on; None where there are none."""
        last = self._results.written()
        if last is None or last.prediction != self.slide.fingerprint:
            return None
        return last.lines

    def agreement(self) -> dict[str, Any]:
        """Every two readers of this prediction."""
        readers = {}
        for name in reviewers_of(self.slide.folder):
            standing = standing_of(self.slide.journal(name).events(), self.slide.fingerprint)
            if standing.verdicts or standing.added:
                readers[name] = standing
        pairs = agreements(self.slide.prediction, readers)
        return {
            "name": self.name,
            "readers": list(readers),
            "spacing_um_px": self.slide.prediction.image.spacing_um_px,
            "pairs": [pair.model_dump(mode="json") for pair in pairs],
        }


def _last(standing: Standing) -> dict[str, Any] | None:
    """The mark that an undo takes back, in words as well."""
    if standing.last is None:
        return None
    line, mark = standing.last
    if isinstance(mark, Verdict):
        words = f"{mark.label} for candidate {mark.candidate}"
        return {"line": line, "candidate": mark.candidate, "words": words}
    if isinstance(mark, Added):
        words = f"{'removal' if mark.removed else 'mark'} of added figure {mark.number}"
        return {"line": line, "added": mark.number, "words": words}
    return {"line": line, "words": "region"}


def _count(count: Count) -> dict[str, Any]:
    return {
        "figures": count.figures,
        "tissue_mm2": count.tissue_mm2,
        "per_mm2": count.per_mm2,
        "hotspot": None if count.hotspot is None else count.hotspot.model_dump(),
        "hotspot_exceeds_tissue": count.hotspot_exceeds_tissue,
        "ten_fields": None if count.ten_fields is None else count.ten_fields.model_dump(),
        "ten_fields_exceed_tissue": count.ten_fields_exceed_tissue,
        "score": count.score,
        "no_score": count.no_score,
    }
