"""A small slide that was predicted, for the tests of its review."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np

from mitokeras.counting.kept import PREDICTION_FILE, Kept, Request
from mitokeras.counting.prediction import Prediction
from mitokeras.disk.files import write_json
from mitokeras.slides.content import content_sha256
from mitokeras.slides.footprint import footprint
from mitokeras.slides.opening import open_slide
from mitokeras.verdicts.finding import find_predicted
from mitokeras.verdicts.subject import PredictedSlide
from tests.predictions import MEASURED, detection, prediction
from tests.slides import write_aperio

PLACES = ((100, 80, 0.9), (300, 200, 0.7), (500, 300, 0.2), (200, 400, 0.49))
"""x, y and score; accepted from 0.5 on."""


def draw(places: tuple[tuple[float, float, float], ...], width: int, height: int) -> np.ndarray:
    """Pink tissue with a dark disc at each place."""
    image = np.full((height, width, 3), (225, 170, 200), np.uint8)
    for x, y, _ in places:
        cv2.circle(image, (round(x), round(y)), 16, (60, 20, 90), -1)
    return image


def write_predicted(
    folder: Path,
    name: str = "S1.svs",
    places: tuple[tuple[float, float, float], ...] = PLACES,
    size: tuple[int, int] = (640, 480),
    tissue_mm2: float = 3.0,
    atypical_scores: tuple[float, ...] = (),
) -> Path:
    """Write a slide into `folder` and its prediction into `folder/out`; gives the latter's."""
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        write_aperio(path, draw(places, *size))
    write_prediction(folder / "out" / name, path, places, tissue_mm2, atypical_scores)
    return folder / "out"


def write_prediction(
    out: Path,
    path: Path,
    places: tuple[tuple[float, float, float], ...] = PLACES,
    tissue_mm2: float = 3.0,
    atypical_scores: tuple[float, ...] = (),
) -> Prediction:
    """Write what a model would say that found these places on the slide.

    With atypical scores, of the accepted places in their order, it has a stage 3.
    """
    slide = open_slide(path)
    scores = iter(atypical_scores)
    found = tuple(
        detection(x, y, score, atypical_score=next(scores, None) if score >= 0.5 else None)
        for x, y, score in places
    )
    subtyping = MEASURED if atypical_scores else None
    said = prediction(
        found,
        slide,  # type: ignore[arg-type]
        name=path.name,
        tissue_mm2=tissue_mm2,
        subtyping=subtyping,
    )
    slide.close()
    facts = footprint(path)
    request = Request(
        mitokeras="0.1.0",
        source="d4" * 32,
        size_bytes=facts.size_bytes,
        mtime_ns=facts.mtime_ns,
        detector_sha256="c3" * 32,
        spacing_um_px=None,
        content_sha256=content_sha256(path),
    )
    out.mkdir(parents=True, exist_ok=True)
    write_json(out / PREDICTION_FILE, Kept(request=request, prediction=said).to_json())
    return said


def predicted(folder: Path, atypical_scores: tuple[float, ...] = ()) -> PredictedSlide:
    """The one slide of `write_predicted`, found as the command finds it."""
    (found,) = find_predicted(write_predicted(folder, atypical_scores=atypical_scores), None)
    assert found.slide is not None, found.trouble
    return found.slide
