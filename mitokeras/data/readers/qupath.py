"""Annotations that QuPath exported: one GeoJSON file an image, of the same name.

Sources: RFC 7946; https://qupath.readthedocs.io/en/stable/docs/advanced/exporting_annotations.html.
Coordinates are pixels of the image whose upper left corner is (0, 0).
"""

from __future__ import annotations

import math
import re
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from mitokeras.data.fields import ASSUMED_SPACING_UM_PX, DataSet, Field, Mark
from mitokeras.data.readers.case_names import case_before_frame_number, case_of
from mitokeras.data.readers.case_notes import notes_on_guessed
from mitokeras.data.readers.files import IMAGE_SUFFIXES, by_key, find_files, split_of
from mitokeras.data.readers.labelled import labelled_dataset
from mitokeras.data.readers.labels import is_figure, labels_note, objects, subtype_of
from mitokeras.data.readers.places import LARGEST_PX, check_pixels
from mitokeras.data.readers.spacing import ASSUMED_NOTE, stated_spacing
from mitokeras.data.readers.tables import read_json
from mitokeras.errors import DataError

LOOKS_FOR = "GeoJSON files of QuPath's annotations, named after their images"

SUFFIX = ".geojson"

LARGEST_OBJECT_UM = 50.0
"""What is wider or higher is a region. The largest figures, of telophase, measure some 30 um."""

POINTS = ("Point", "MultiPoint")

AREA_SLACK = 0.01
"""What small loops of an outline drawn by hand may make of its area."""

OLD_KIND = re.compile(r"(?:Path|TMACore)\w*Object")
"""Ids of QuPath before version 0.4: PathAnnotationObject, PathCellObject, TMACoreObject, ..."""


@dataclass
class _Found:
    """What the features of all files are.

    Attributes:
        labels: How often each name occurs.
        regions: Annotations that are too large for an object, and are left out.
        detections: Objects of QuPath that are no annotations, and are left out.
        places: Corners and points of the labels, as they stand there.
    """

    labels: Counter[str] = field(default_factory=Counter)
    regions: int = 0
    detections: int = 0
    places: list[np.ndarray] = field(default_factory=list)


def recognises(root: Path) -> bool:
    """Whether a GeoJSON file lies in the folder or below."""
    return bool(find_files(root, (SUFFIX,)))


def read(root: Path, spacing_um_px: float | None) -> DataSet:
    """The images that have a GeoJSON file of their name, wherever below the folder it lies.

    An annotation's class says what it is. Each point of an annotation is an object, and so is a
    polygon, by its centroid. Detections are left out: they are what a program found.
    """
    spacing = stated_spacing(root, spacing_um_px)
    um_px = spacing or ASSUMED_SPACING_UM_PX
    images = by_key(find_files(root, IMAGE_SUFFIXES), lambda path: path.stem)
    files = by_key(find_files(root, (SUFFIX,)), _image_stem)
    found = _Found()
    labelled = []
    for stem, path in files.items():
        image = images.get(stem, path.with_name(f"{stem}.png"))
        labelled.append(
            Field(
                image=image,
                case=case_of(image, root, case_before_frame_number),
                spacing_um_px=um_px,
                **objects(_marks(path, um_px, found), str(path)),
                split=split_of(image, root),
            )
        )
    check_pixels(root, np.concatenate([np.zeros((0, 2)), *found.places]))
    notes = labels_note(found.labels)
    notes += notes_on_guessed({field.image: field.case for field in labelled})
    if found.regions:
        notes.append(
            f"{found.regions} annotations over {LARGEST_OBJECT_UM:g} um are regions and left out: "
            "each image counts as labelled in all of it"
        )
    if found.detections:
        notes.append(f"{found.detections} detections are left out: only annotations are labels")
    return labelled_dataset(
        "qupath", labelled, images.values(), notes + ([] if spacing else [ASSUMED_NOTE])
    )


def _image_stem(path: Path) -> str:
    """Of `a.geojson` and of `a.png.geojson`."""
    inner = Path(path.stem)
    return inner.stem if inner.suffix.lower() in IMAGE_SUFFIXES else path.stem


def _marks(path: Path, um_px: float, found: _Found) -> list[Mark]:
    marks: list[Mark] = []
    detected: set[str] = set()
    planes: set[str] = set()
    has_annotations = False
    for number, feature in enumerate(_features(path), start=1):
        where = f"{path}, feature {number}"
        properties = feature.get("properties") or {}
        if not isinstance(properties, dict):
            raise DataError(f"{where}: properties must be an object")
        label = _class_of(properties, where)
        if not _is_annotation(feature, properties):
            found.detections += 1
            detected.add(label)
            continue
        has_annotations = True
        geometry = _geometry(feature, where)
        if _is_region(geometry, um_px, label, where):
            found.regions += 1
            continue
        marks += _objects_of(geometry, label, where)
        found.places.append(shapely.get_coordinates(geometry))
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
    found.labels.update(mark.label for mark in marks)
    return marks


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
        places = shapely.get_coordinates(geometry)
    except Exception as error:  # shapely raises what comes
        raise DataError(f"{where}: needs a geometry. Received: {error}") from error
    if not len(places) or not (np.abs(places) < LARGEST_PX).all():
        raise DataError(
            f"{where}: coordinates must be numbers of pixels. Received: {places.tolist()[:1]}"
        )
    return geometry


def _is_region(geometry: BaseGeometry, um_px: float, label: str, where: str) -> bool:
    """Whether an area is too large for an object."""
    widest_um = max(_size(geometry)) * um_px
    if geometry.geom_type in POINTS or widest_um <= LARGEST_OBJECT_UM:
        return False
    if is_figure(label):
        raise DataError(
            f"{where}: a mitotic figure must be at most {LARGEST_OBJECT_UM:g} um wide. "
            f"Received: {widest_um:.0f} um"
        )
    return True


def _plane_of(geometry: dict[str, Any]) -> str:
    """Of a stack in depth or time; QuPath leaves the first out."""
    plane = geometry.get("plane")
    if not isinstance(plane, dict):
        plane = {}
    return f"z {plane.get('z', 0)}, t {plane.get('t', 0)}"


def _objects_of(geometry: BaseGeometry, label: str, where: str) -> list[Mark]:
    if geometry.geom_type not in (*POINTS, "Polygon", "MultiPolygon"):
        raise DataError(
            f"{where}: an object must be points or an area. Received: {geometry.geom_type}"
        )
    if not label:
        raise DataError(f"{where}: an annotation needs a class. Received none")
    subtype = subtype_of(label, "", where)
    if geometry.geom_type in POINTS:
        points = getattr(geometry, "geoms", [geometry])
        return [Mark(p.x - 0.5, p.y - 0.5, label=label, subtype=subtype) for p in points]
    centre = _area(geometry, where).centroid
    return [Mark(centre.x - 0.5, centre.y - 0.5, _size(geometry), label=label, subtype=subtype)]


def _area(geometry: BaseGeometry, where: str) -> BaseGeometry:
    """The area in an outline. Where loops of it turn about, its parts cancel and the centroid is
    anywhere; an outline that only touches itself has one area all the same."""
    area = shapely.make_valid(geometry)
    if not (area.area > 0 and math.isclose(area.area, geometry.area, rel_tol=AREA_SLACK)):
        raise DataError(
            f"{where}: an outline must not cross itself. "
            f"Received: {shapely.is_valid_reason(geometry)}"
        )
    return area


def _size(geometry: BaseGeometry) -> tuple[float, float]:
    left, top, right, bottom = geometry.bounds
    return right - left, bottom - top
