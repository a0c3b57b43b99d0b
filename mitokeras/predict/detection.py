"""The way of one slide through all stages."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from mitokeras import __version__
from mitokeras.counting.atypical import Atypical, atypical_share
from mitokeras.counting.count import Count
from mitokeras.counting.nottingham import FIELD_DIAMETER_MM, check_field
from mitokeras.counting.prediction import (
    Detection,
    ImageFacts,
    ModelFacts,
    Prediction,
    Suitability,
    count_accepted,
)
from mitokeras.detect.regions import Regions, joined
from mitokeras.detect.windows import in_windows
from mitokeras.errors import DataError
from mitokeras.predict.journal import Journal
from mitokeras.predict.location import SlideLocation
from mitokeras.predict.step import Step, Steps
from mitokeras.predict.survey import Survey
from mitokeras.predict.tasks import Judgement, JudgeTask, SegmentTask, SurveyTask
from mitokeras.text import printable

if TYPE_CHECKING:
    from mitokeras.detect.spec import DetectorSpec

TILES_A_TASK = 64
"""A killed program loses at most so many tiles; few enough that several workers share a slide."""

CANDIDATES_A_TASK = 256

MAX_CANDIDATES = 30_000
"""Limit for a slide. The busiest have some thousands; a model that marks more marks everything."""


def detect_steps(
    location: SlideLocation,
    spec: DetectorSpec,
    model: str,
    field_diameter_mm: float = FIELD_DIAMETER_MM,
    journal: Journal | None = None,
    false_per_mm2: float | None = None,
) -> Steps[Prediction]:
    """Find and count the mitotic figures of a slide.

    Args:
        location: Where the slide is found.
        spec: Specification of the detector that will execute the tasks.
        model: Name of its folder.
        field_diameter_mm: Diameter of one high-power field, for the count in ten.
        journal: Keeps what is finished; None where nobody resumes.
        false_per_mm2: False figures per mm2 of tissue at the specification's thresholds; None
            where not measured.

    Raises:
        ConfigError: See `check_field`.
        DataError: The slide cannot be read, its spacing is too far from the model's, it has no
            tissue, or the model marks more than `MAX_CANDIDATES` places.
    """
    check_field(field_diameter_mm)
    survey: Survey
    (survey,) = yield Step("survey", "slides", [SurveyTask(location)], Survey, journal)

    grid = survey.grid(spec)
    # Windows reach over many cores, so that one task has the whole field.
    whole = in_windows(spec.tiling, grid.height, grid.width)
    size = max(1, len(survey.cores)) if whole else TILES_A_TASK
    parts = [survey.cores[i : i + size] for i in range(0, len(survey.cores), size)]
    facts = replace(survey, cores=survey.cores[:0])  # a huge slide's would travel with every task
    tasks = [SegmentTask(location, facts, cores) for cores in parts]
    segmented: list[Regions] = yield Step("segment", "tiles", tasks, Regions, journal)
    regions = joined(segmented, grid, spec.min_area_px)
    if len(regions) > MAX_CANDIDATES:
        raise DataError(
            f"{location}: a slide must give at most {MAX_CANDIDATES} candidates. Received: "
            f"{len(regions)}; the model does not know this stain, or the slide is no H&E"
        )

    xy = regions.sum_xy / regions.area[:, None]
    chunks = [xy[i : i + CANDIDATES_A_TASK] for i in range(0, len(xy), CANDIDATES_A_TASK)]
    judges = [JudgeTask(location, facts, chunk) for chunk in chunks]
    parts_judged: list[Judgement] = yield Step("judge", "candidates", judges, Judgement, journal)
    judged = _joined(parts_judged)
    if not np.isfinite(judged.classifier_score).all():
        raise DataError(f"{location}: the classifier gave a score that is no number")
    detections = _detections(regions, judged, survey, spec)
    count = count_accepted(
        detections, _two(survey.pixel_um), survey.tissue_mm2, field_diameter_mm, false_per_mm2
    )
    return _prediction(location, spec, model, survey, detections, count)


def _prediction(
    location: SlideLocation,
    spec: DetectorSpec,
    model: str,
    survey: Survey,
    detections: tuple[Detection, ...],
    count: Count,
) -> Prediction:
    """The detections with what they were made of."""
    return Prediction(
        mitokeras=__version__,
        image=ImageFacts(
            name=printable(location.name),
            width_px=survey.width,
            height_px=survey.height,
            spacing_um_px=survey.spacing_um_px,
            pixel_um=_two(survey.pixel_um),
            scan_corner_px=_two(survey.scan_corner),
            spacing_source=survey.spacing_source,
            format=survey.format,
            unwritten_mm2=survey.unwritten_mm2 or None,
        ),
        model=ModelFacts(
            name=printable(model),
            segmenter_sha256=spec.models["segmenter"].sha256,
            classifier_sha256=spec.models["classifier"].sha256,
            spacing_um_px=spec.spacing_um_px,
            segmenter_threshold=spec.segmenter_threshold,
            classifier_threshold=spec.classifier_threshold,
            subtyper_sha256=spec.models["subtyper"].sha256 if spec.subtyping else None,
            subtyping=spec.subtyping,
        ),
        tiles=survey.tiles,
        tiles_skipped=survey.tiles - len(survey.cores),
        suitability=Suitability.model_validate_json(survey.suitability),
        count=count,
        atypical=_atypical(detections, spec),
        detections=detections,
    )


def _atypical(detections: tuple[Detection, ...], spec: DetectorSpec) -> Atypical | None:
    if spec.subtyping is None:
        return None
    subtypes = [one.subtype for one in detections if one.accepted]
    return atypical_share(subtypes.count("atypical"), len(subtypes), spec.subtyping)


def _joined(parts: list[Judgement]) -> Judgement:
    none = np.zeros(0, np.float32)
    return Judgement(
        np.concatenate([none, *(part.classifier_score for part in parts)]),
        np.concatenate([none, *(part.atypical_score for part in parts)]),
    )


def _detections(
    regions: Regions, judged: Judgement, survey: Survey, spec: DetectorSpec
) -> tuple[Detection, ...]:
    """The candidates in pixels of level 0, with as many digits as mean something."""
    pixel_um2 = survey.plane_spacing_um_px**2
    detections = []
    for i in range(len(regions)):
        outline = survey.level_0(regions.outline(i))
        ((x, y),) = survey.level_0(regions.sum_xy[i : i + 1] / regions.area[i])
        detections.append(
            Detection(
                x=round(x, 2),
                y=round(y, 2),
                area_um2=round(float(regions.area[i] * pixel_um2), 2),
                segmenter_score=round(float(regions.peak[i]), 6),
                classifier_score=round(float(judged.classifier_score[i]), 6),
                accepted=bool(judged.classifier_score[i] >= spec.classifier_threshold),
                **_subtype(float(judged.atypical_score[i]), spec),
                outline=tuple((round(x, 2), round(y, 2)) for x, y in outline.tolist()),
            )
        )
    return tuple(detections)


def _subtype(score: float, spec: DetectorSpec) -> dict[str, Any]:
    """What a `Detection` says of its subtype; nothing where stage 3 has not seen it."""
    if spec.subtyping is None or math.isnan(score):
        return {}
    atypical = score >= spec.subtyping.threshold
    return {"atypical_score": round(score, 6), "subtype": "atypical" if atypical else "normal"}


def _two(array: np.ndarray) -> tuple[Any, Any]:
    x, y = array.tolist()
    return x, y
