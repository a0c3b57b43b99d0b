"""The reviewed figures as GeoJSON that QuPath imports: a class of points for each verdict."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator

from mitokeras.report.colours import BLUE, GREEN, GREY, SKY, VERMILION, YELLOW
from mitokeras.report.slide.geojson import (
    COLOURS,
    HOTSPOT,
    NAMESPACE,
    TEN_FIELDS,
    Feature,
    Geometry,
    Properties,
    annotation,
    circle_geometry,
    corner,
    outline_geometry,
)
from mitokeras.report.slide.words import NOTICE
from mitokeras.review.corrected import Corrected
from mitokeras.review.results.words import caveats, kind_of, share_text

REGION = "Counted region"

KINDS = {
    "Mitotic figure": GREEN,
    "Atypical mitotic figure": VERMILION,
    "Not a mitotic figure": GREY,
    "Unsure": SKY,
    "Mitotic figure (model alone)": YELLOW,
    "Rejected (model alone)": GREY,
}
"""Classes and their colours."""


def reviewed_geojson(corrected: Corrected) -> bytes:
    """Write the figures, the region and the circles that were counted in.

    Coordinates are those of the model's GeoJSON. The outlines of candidates are in that file; here
    a reader's word is a point. What stage 3 says of candidates stands beside them, by number.

    Returns:
        JSON in ASCII.
    """
    scores = {
        str(one.candidate): one.atypical_score
        for one in corrected.figures
        if one.atypical_score is not None
    }
    collection = {
        "type": "FeatureCollection",
        "mitokeras": {
            "version": corrected.mitokeras,
            "notice": NOTICE,
            "reviewer": corrected.reviewer,
            "reviewed": share_text(corrected),
            "warnings": caveats(corrected),
            "prediction": corrected.prediction,
            "image": corrected.image.model_dump(),
            "model": corrected.model.model_dump(),
            "count": corrected.reviewed.model_dump(),
            "count_of_model": corrected.model_alone.model_dump(),
            **({"atypical_scores": scores} if corrected.model.subtyping else {}),
        },
        "features": list(_features(corrected)),
    }
    return (json.dumps(collection, allow_nan=False) + "\n").encode("ascii")


def _features(corrected: Corrected) -> Iterator[Feature]:
    image = corrected.image

    def feature(key: str, geometry: Geometry, properties: Properties) -> Feature:
        about = (corrected.prediction, corrected.reviewer, key)
        return {
            "type": "Feature",
            "id": str(uuid.uuid5(NAMESPACE, "\n".join(about))),
            "geometry": geometry,
            "properties": properties,
        }

    for kind, colour in KINDS.items():
        points = [corner(one.x, one.y, image) for one in corrected.figures if kind_of(one) == kind]
        if points:
            shape: Geometry = {"type": "MultiPoint", "coordinates": points}
            name = f"{kind} ({len(points)}), {corrected.reviewer}"
            yield feature(kind, shape, annotation(name, kind, colour))
    for number, outline in enumerate(corrected.region, start=1):
        properties = annotation(f"{REGION} {number}", REGION, BLUE)
        yield feature(f"{REGION} {number}", outline_geometry(outline, image), properties)
    count = corrected.reviewed
    for kind, circle, exceeds in (
        (HOTSPOT, count.hotspot, count.hotspot_exceeds_tissue),
        (TEN_FIELDS, count.ten_fields, count.ten_fields_exceed_tissue),
    ):
        if circle is not None:
            area = f"{circle.area_mm2:.3g} mm2" + " (the tissue is smaller)" * exceeds
            name = f"{kind}, reviewed, {area}, mitotic figures: {circle.figures}"
            properties = {**annotation(name, kind, COLOURS[kind]), "isLocked": True}
            yield feature(kind, circle_geometry(circle, image), properties)
