"""Annotations that QuPath exported: one GeoJSON file an image, of the same name.

Sources: RFC 7946; https://qupath.readthedocs.io/en/stable/docs/advanced/exporting_annotations.html.
"""

from __future__ import annotations

import dataclasses
import re
from pathlib import Path
from typing import Any

import shapely
from shapely.geometry.base import BaseGeometry

from mitokeras.data.fields import DataSet
from mitokeras.data.readers.drawing import Drawing
from mitokeras.data.readers.drawings import by_image, read_drawings
from mitokeras.data.readers.files import find_files
from mitokeras.data.readers.labels import is_figure
from mitokeras.data.readers.tables import read_json
from mitokeras.errors import DataError

LOOKS_FOR = "GeoJSON files of QuPath's annotations, named after their images"

SUFFIX = ".geojson"

OLD_KIND = re.compile(r"(?:Path|TMACore)\w*Object")
"""Ids of QuPath before version 0.4: PathAnnotationObject, PathCellObject, TMACoreObject, ..."""


def recognises(root: Path) -> bool:
    """Whether a GeoJSON file lies in the folder or below."""
    return bool(find_files(root, (SUFFIX,)))


def read(root: Path, spacing_um_px: float | None) -> DataSet:
    """The images that have a GeoJSON file of their name, wherever below the folder it lies.

    An annotation's class says what it is. Each point of an annotation is an object, and so is a
    polygon, by its centroid. Detections are left out: they are what a program found.
    """
    detections = 0

    def read_file(path: Path, drawing: Drawing) -> None:
        nonlocal detections
        detections += _draw(path, drawing)

    files = by_image(find_files(root, (SUFFIX,)))
    dataset = read_drawings("qupath", root, spacing_um_px, files, read_file, from_scan_corner=True)
    if not detections:
        return dataset
    note = f"{detections} detections are left out: only annotations are labels"
    return dataclasses.replace(dataset, notes=(*dataset.notes, note))


def _draw(path: Path, drawing: Drawing) -> int:
    """Add the annotations of a file, and count the detections that are left out."""
    detected: list[str] = []
    planes: set[str] = set()
    has_annotations = False
    for number, feature in enumerate(_features(path), start=1):
        where = f"{path}, feature {number}"
        properties = feature.get("properties") or {}
        if not isinstance(properties, dict):
            raise DataError(f"{where}: properties must be an object")
        label = _class_of(properties, where)
        if not _is_annotation(feature, properties):
            detected.append(label)
            continue
        has_annotations = True
        if drawing.add(_geometry(feature, where), label, where):
            planes.add(_plane_of(feature["geometry"]))
    if not has_annotations and any(map(is_figure, detected)):
        raise DataError(
            f"{path}: labels must be annotations, which QuPath can make of detections. "
            "Received: detections only"
        )
    if len(planes) > 1:
        raise DataError(
            f"{path}: all labels must be of one plane. Received: {', '.join(sorted(planes))}"
        )
    return len(detected)


def _features(path: Path) -> list[dict[str, Any]]:
    """The features of a collection, a list or one alone, as versions of QuPath write them."""
    content = read_json(path)
    if isinstance(content, dict):
        content = content.get("features", [content])
    if not isinstance(content, list) or not all(
        isinstance(each, dict) and each.get("type") == "Feature" for each in content
    ):
        raise DataError(f"{path}: must be GeoJSON, a collection of features")
    return content


def _is_annotation(feature: dict[str, Any], properties: dict[str, Any]) -> bool:
    """By QuPath's kind of object; before version 0.4 the id gave it. Other programs give none."""
    stated = properties.get("objectType", properties.get("object_type"))
    if stated is not None:
        return str(stated).lower() == "annotation"
    old = str(feature.get("id"))
    return old == "PathAnnotationObject" or not OLD_KIND.fullmatch(old)


def _class_of(properties: dict[str, Any], where: str) -> str:
    """The name of its class, empty where it has none."""
    classification = properties.get("classification")
    if isinstance(classification, dict):
        names = classification.get("names")
        classification = classification.get("name") or (
            ": ".join(map(str, names)) if isinstance(names, list) else None
        )
    if classification is None:
        return ""
    if not isinstance(classification, str):
        raise DataError(f"{where}: a class must have a name. Received: {classification!r}")
    return classification


def _geometry(feature: dict[str, Any], where: str) -> BaseGeometry:
    try:
        geometry = shapely.geometry.shape(feature.get("geometry") or {})
        shapely.get_coordinates(geometry)
    except Exception as error:  # shapely raises what comes
        raise DataError(f"{where}: needs a geometry. Received: {error}") from error
    return geometry


def _plane_of(geometry: dict[str, Any]) -> str:
    """Of a stack in depth or time; QuPath leaves the first out."""
    plane = geometry.get("plane")
    if not isinstance(plane, dict):
        plane = {}
    return f"z {plane.get('z', 0)}, t {plane.get('t', 0)}"
