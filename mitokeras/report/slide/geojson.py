"""The candidates of a slide as GeoJSON that QuPath (0.4 and later) imports.

A candidate is a QuPath *detection*: QuPath draws thousands of them at once, lists them with their
measurements, and lets the user hide a class. Its points go into one *annotation* of many points a
class, which QuPath's points tool shows with its count and lets the user correct. Both are separate
features, since QuPath keeps only the polygons of a geometry collection, and `nucleusGeometry` only
of cells, whose border was not segmented. The circles that were counted in are locked annotations.
What else QuPath does not know stands in a foreign member, which it passes over.
"""

from __future__ import annotations

import json
import math
import uuid
from collections.abc import Iterator, Sequence
from typing import Any, NotRequired, TypedDict

import shapely

from mitokeras.counting.hotspot import Circle
from mitokeras.counting.prediction import Detection, ImageFacts, Point, Prediction
from mitokeras.report.colours import BLUE, GREY, SKY, VERMILION, YELLOW, rgb
from mitokeras.report.slide.words import NOTICE, spacing_origin, spacing_overridden, warnings_of

FIGURE = "Mitotic figure"
ATYPICAL = "Atypical mitotic figure"
REJECTED = "Rejected candidate"
HOTSPOT = "Hotspot"
TEN_FIELDS = "Ten high-power fields"

COLOURS = {
    FIGURE: YELLOW,
    ATYPICAL: VERMILION,
    REJECTED: GREY,
    HOTSPOT: BLUE,
    TEN_FIELDS: SKY,
}
NAMESPACE = uuid.uuid5(uuid.NAMESPACE_DNS, "mitokeras")
_CIRCLE_CORNERS = 72  # a multiple of four: QuPath takes the ellipse that fills their bounding box


class Classification(TypedDict):
    """A class of QuPath's."""

    name: str
    color: tuple[int, int, int]


class Properties(TypedDict):
    """What QuPath reads of an object beside its shape."""

    objectType: str
    name: str
    classification: Classification
    isLocked: NotRequired[bool]
    measurements: NotRequired[dict[str, float]]


class Geometry(TypedDict):
    """A shape of RFC 7946; `isEllipse` is QuPath's."""

    type: str
    coordinates: list[Any]
    isEllipse: NotRequired[bool]


class Feature(TypedDict):
    """An object of QuPath's."""

    type: str
    id: str
    geometry: Geometry
    properties: Properties


def geojson(prediction: Prediction, atypical_class: bool = False) -> bytes:
    """Write the candidates and the circles that were counted in.

    Coordinates are pixels of level 0, with the upper left corner of the scanned area at (0, 0),
    where QuPath crops a slide: half a pixel more than those of a `Detection`, less the corner of
    that area where a scanner has laid it out on the glass.

    Args:
        prediction: What was found.
        atypical_class: Give those that stage 3 calls atypical a class of their own.

    Returns:
        JSON in ASCII, since QuPath reads a file in the encoding of the machine.
    """
    collection = {
        "type": "FeatureCollection",
        "mitokeras": _about(prediction),
        "features": list(_features(prediction, atypical_class)),
    }
    return (json.dumps(collection, allow_nan=False) + "\n").encode("ascii")


def _about(prediction: Prediction) -> dict[str, Any]:
    image, atypical = prediction.image, prediction.atypical
    return {
        "version": prediction.mitokeras,
        "notice": NOTICE,
        "image": image.model_dump(),
        "spacing": spacing_origin(image),
        "spacing_overridden": spacing_overridden(image),
        "warnings": warnings_of(prediction),
        "model": prediction.model.model_dump(),
        "count": prediction.count.model_dump(),
        **({} if atypical is None else {"atypical": atypical.model_dump()}),
    }


def class_of(detection: Detection, atypical_class: bool) -> str:
    """The class of a candidate, with one of its own for atypical figures or without."""
    if not detection.accepted:
        return REJECTED
    return ATYPICAL if atypical_class and detection.subtype == "atypical" else FIGURE


def _features(prediction: Prediction, atypical_class: bool) -> Iterator[Feature]:
    image = prediction.image
    about = (image.model_dump_json(), prediction.model.model_dump_json())

    def feature(name: str, geometry: Geometry, properties: Properties) -> Feature:
        return {
            "type": "Feature",
            "id": str(uuid.uuid5(NAMESPACE, "\n".join((*about, name)))),
            "geometry": geometry,
            "properties": properties,
        }

    of_class: dict[str, list[list[float]]] = {FIGURE: [], ATYPICAL: [], REJECTED: []}
    for number, detection in enumerate(prediction.detections, start=1):
        name, kind = f"Candidate {number}", class_of(detection, atypical_class)
        of_class[kind].append(corner(detection.x, detection.y, image))
        properties = _candidate(name, kind, detection)
        yield feature(name, outline_geometry(detection.outline, image), properties)
    for kind, points in of_class.items():
        if points:
            shape: Geometry = {"type": "MultiPoint", "coordinates": points}
            name = f"{kind}s ({len(points)})"
            yield feature(f"{kind}s", shape, annotation(name, kind, COLOURS[kind]))
    count = prediction.count
    circles = (
        (HOTSPOT, count.hotspot, count.hotspot_exceeds_tissue),
        (TEN_FIELDS, count.ten_fields, count.ten_fields_exceed_tissue),
    )
    for kind, circle, exceeds in circles:
        if circle is not None:
            area = f"{circle.area_mm2:.3g} mm2" + " (the tissue is smaller)" * exceeds
            name = f"{kind}, {area}, mitotic figures: {circle.figures}"
            properties = {
                **annotation(name, kind, COLOURS[kind]),
                "isLocked": True,
                "measurements": {"Mitotic figures": circle.figures, "Area mm^2": circle.area_mm2},
            }
            yield feature(kind, circle_geometry(circle, image), properties)


def _candidate(name: str, kind: str, detection: Detection) -> Properties:
    measurements = {
        "Segmenter score": round(detection.segmenter_score, 6),
        "Classifier score": round(detection.classifier_score, 6),
        "Area \u00b5m^2": round(detection.area_um2, 2),
    }
    if detection.atypical_score is not None:
        measurements["Atypical score"] = round(detection.atypical_score, 6)
    return {
        "objectType": "detection",
        "name": name,
        "classification": classification(kind, COLOURS[kind]),
        "measurements": measurements,
    }


def annotation(name: str, kind: str, colour: str) -> Properties:
    """What QuPath reads of an annotation of a class, whose colour is "#RRGGBB"."""
    return {
        "objectType": "annotation",
        "name": name,
        "classification": classification(kind, colour),
    }


def classification(kind: str, colour: str) -> Classification:
    """A class of QuPath's, whose colour is "#RRGGBB"."""
    return {"name": kind, "color": rgb(colour)}


def corner(x: float, y: float, image: ImageFacts) -> list[float]:
    """A point of level 0, pixel centres at whole numbers, in QuPath's coordinates."""
    left, top = image.scan_corner_px
    return [round(x + 0.5 - left, 2), round(y + 0.5 - top, 2)]


def outline_geometry(outline: Sequence[Point], image: ImageFacts) -> Geometry:
    """A polygon of level 0, not closed, in QuPath's coordinates."""
    polygon = shapely.Polygon([corner(x, y, image) for x, y in outline])
    polygon = shapely.orient_polygons(polygon)
    return {"type": "Polygon", "coordinates": [list(polygon.exterior.coords)]}


def circle_outline(circle: Circle, image: ImageFacts) -> list[Point]:
    """Corners of a circle that figures were counted in, in the coordinates of `Detection.x`."""
    width_mm, height_mm = (side_um / 1000 for side_um in image.pixel_um)
    radius_mm = math.sqrt(circle.area_mm2 / math.pi)
    turns = (2 * math.pi * step / _CIRCLE_CORNERS for step in range(_CIRCLE_CORNERS))
    return [
        (
            (circle.x_mm + radius_mm * math.cos(turn)) / width_mm - 0.5,
            (circle.y_mm + radius_mm * math.sin(turn)) / height_mm - 0.5,
        )
        for turn in turns
    ]


def circle_geometry(circle: Circle, image: ImageFacts) -> Geometry:
    """A circle that figures were counted in, in QuPath's coordinates."""
    ring = [corner(x, y, image) for x, y in circle_outline(circle, image)]
    return {"type": "Polygon", "coordinates": [[*ring, ring[0]]], "isEllipse": True}
