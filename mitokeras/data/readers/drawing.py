"""What is drawn on one image: objects as points and outlines, and areas.

Coordinates are pixels of the image whose upper left corner is (0, 0).
"""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass, field

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from mitokeras.data.fields import Mark
from mitokeras.data.readers.labels import area_of, is_figure, subtype_of
from mitokeras.data.readers.places import LARGEST_PX
from mitokeras.errors import DataError

LARGEST_OBJECT_UM = 50.0
"""What is wider or higher is an area. The largest figures, of telophase, measure some 30 um."""

POINTS = ("Point", "MultiPoint")
AREAS = ("Polygon", "MultiPolygon")

AREA_SLACK = 0.01
"""What small loops of an outline drawn by hand may make of its area."""

HALF_PX = 0.5
"""From the corner of the image to the centre of its first pixel."""


@dataclass
class Drawing:
    """What a label file has of its image.

    Attributes:
        um_px: Size of a pixel.
        marks: The objects.
        labelled: Areas in which every mitotic figure is labelled, to the centre of the first pixel.
        ignored: Areas of which nothing is known, likewise.
        unclear: How often each name of other areas occurs, empty where they have none.
        places: Corners and points of the objects, as they stand there.
    """

    um_px: float
    marks: list[Mark] = field(default_factory=list)
    labelled: list[BaseGeometry] = field(default_factory=list)
    ignored: list[BaseGeometry] = field(default_factory=list)
    unclear: Counter[str] = field(default_factory=Counter)
    places: list[np.ndarray] = field(default_factory=list)

    def is_large(self, geometry: BaseGeometry) -> bool:
        """Whether it is an area, as no object is so wide."""
        widest_um = _size(geometry).max() * self.um_px
        return geometry.geom_type not in POINTS and bool(widest_um > LARGEST_OBJECT_UM)

    def add(self, geometry: BaseGeometry, label: str, where: str) -> bool:
        """Take each point of it, or its centroid, for an object, or it for an area.

        Args:
            geometry: As it stands in the file.
            label: What the file calls it, empty where it has no name.
            where: File and number, for the error.

        Returns:
            Whether it says anything; areas of no clear name do not.

        Raises:
            DataError: It is no point or area, has no name, crosses itself, lies nowhere, or is a
                mitotic figure as large as a region.
        """
        places = shapely.get_coordinates(geometry)
        if not len(places) or not (np.abs(places) < LARGEST_PX).all():
            raise DataError(
                f"{where}: coordinates must be numbers of pixels. Received: {places.tolist()[:1]}"
            )
        meaning = area_of(label) if geometry.geom_type in AREAS else None
        if meaning is not None:
            area = shapely.transform(_area(geometry, where), lambda xy: xy - HALF_PX)
            (self.labelled if meaning == "labelled" else self.ignored).append(area)
        elif self.is_large(geometry):
            if is_figure(label):
                widest_um = _size(geometry).max() * self.um_px
                raise DataError(
                    f"{where}: a mitotic figure must be at most {LARGEST_OBJECT_UM:g} um wide. "
                    f"Received: {widest_um:.0f} um"
                )
            self.unclear[label] += 1
            return False
        else:
            self.marks += _marks(geometry, label, where)
            self.places.append(places)
        return True


def _marks(geometry: BaseGeometry, label: str, where: str) -> list[Mark]:
    if geometry.geom_type not in (*POINTS, *AREAS):
        raise DataError(
            f"{where}: an object must be points or an area. Received: {geometry.geom_type}"
        )
    if not label:
        raise DataError(f"{where}: an annotation needs a class. Received none")
    subtype = subtype_of(label, "", where)
    if geometry.geom_type in POINTS:
        points = getattr(geometry, "geoms", [geometry])
        return [Mark(p.x - HALF_PX, p.y - HALF_PX, label=label, subtype=subtype) for p in points]
    centre = _area(geometry, where).centroid
    width, height = _size(geometry).tolist()
    return [
        Mark(centre.x - HALF_PX, centre.y - HALF_PX, (width, height), label=label, subtype=subtype)
    ]


def _size(geometry: BaseGeometry) -> np.ndarray:
    """Width and height."""
    left, top, right, bottom = geometry.bounds
    return np.array([right - left, bottom - top])


def _area(geometry: BaseGeometry, where: str) -> BaseGeometry:
    """The area in an outline. Where loops of it turn about, its parts cancel and the centroid is
    anywhere; an outline that only touches itself has one area all the same."""
    area = geometry if geometry.is_valid else shapely.make_valid(geometry)
    if not (area.area > 0 and math.isclose(area.area, geometry.area, rel_tol=AREA_SLACK)):
        raise DataError(
            f"{where}: an outline must not cross itself. "
            f"Received: {shapely.is_valid_reason(geometry)}"
        )
    return area
