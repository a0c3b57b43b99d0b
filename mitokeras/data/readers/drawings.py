"""Objects drawn in a viewer as points and outlines: one label file an image, of the same name.

Coordinates are pixels of the image whose upper left corner is (0, 0).
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from mitokeras.data.fields import DataSet, Field, Mark
from mitokeras.data.readers.case_names import case_before_frame_number, case_of
from mitokeras.data.readers.case_notes import notes_on_guessed
from mitokeras.data.readers.files import IMAGE_SUFFIXES, by_key, find_files, split_of
from mitokeras.data.readers.labelled import labelled_dataset
from mitokeras.data.readers.labels import is_figure, labels_note, objects, subtype_of
from mitokeras.data.readers.places import LARGEST_PX, check_pixels
from mitokeras.data.readers.spacing import spacing_of, stated_spacing
from mitokeras.errors import DataError

LARGEST_OBJECT_UM = 50.0
"""What is wider or higher is a region. The largest figures, of telophase, measure some 30 um."""

POINTS = ("Point", "MultiPoint")

AREA_SLACK = 0.01
"""What small loops of an outline drawn by hand may make of its area."""


@dataclass
class Drawings:
    """What is drawn in all label files of a data set.

    Attributes:
        labels: How often each name occurs.
        regions: Areas that are too large for an object, and are left out.
        places: Corners and points of the objects, as they stand there.
    """

    labels: Counter[str] = field(default_factory=Counter)
    regions: int = 0
    places: list[np.ndarray] = field(default_factory=list)

    def objects_of(
        self, geometry: BaseGeometry, label: str, um_px: float, where: str
    ) -> list[Mark]:
        """Each point of it, or its centroid, less half a pixel; none of a region.

        Args:
            geometry: As it stands in the file.
            label: What the file calls it, empty where it has no name.
            um_px: Size of a pixel.
            where: File and number, for the error.

        Raises:
            DataError: It is no point or area, has no name, crosses itself, lies nowhere, or is a
                mitotic figure as large as a region.
        """
        places = shapely.get_coordinates(geometry)
        if not len(places) or not (np.abs(places) < LARGEST_PX).all():
            raise DataError(
                f"{where}: coordinates must be numbers of pixels. Received: {places.tolist()[:1]}"
            )
        if _is_region(geometry, label, um_px, where):
            self.regions += 1
            return []
        marks = _marks(geometry, label, where)
        self.places.append(places)
        self.labels.update(mark.label for mark in marks)
        return marks


ReadFile = Callable[[Path, float, Drawings], list[Mark]]
"""Reads one file: its path, the size of a pixel in um, and what has been drawn so far."""


def by_image(files: Iterable[Path]) -> dict[str, Path]:
    """Label files by the name of their image without suffix: of `a.xml` and of `a.png.xml`."""
    return by_key(files, _image_stem)


def read_drawings(
    layout: str,
    root: Path,
    spacing_um_px: float | None,
    files: Mapping[str, Path],
    read_file: ReadFile,
    known_um_px: Callable[[Path], float | None] = lambda _: None,
) -> DataSet:
    """The images that have a label file of their name, wherever below the folder it lies.

    Args:
        layout: Name of the layout.
        root: The data set's folder.
        spacing_um_px: What the user gives.
        files: From `by_image`.
        read_file: Reads one of them.
        known_um_px: The size of a pixel that a file states.
    """
    stated = stated_spacing(root, spacing_um_px)
    images = by_key(find_files(root, IMAGE_SUFFIXES), lambda path: path.stem)
    drawings = Drawings()
    notes: list[str] = []
    labelled = []
    for stem, path in files.items():
        image = images.get(stem, path.with_name(f"{stem}.png"))
        spacing = spacing_of(stated, known_um_px(path), notes)
        labelled.append(
            Field(
                image=image,
                case=case_of(image, root, case_before_frame_number),
                **spacing,
                **objects(read_file(path, spacing["spacing_um_px"], drawings), str(path)),
                split=split_of(image, root),
            )
        )
    check_pixels(root, np.concatenate([np.zeros((0, 2)), *drawings.places]))
    notes += labels_note(drawings.labels)
    notes += notes_on_guessed({each.image: each.case for each in labelled})
    if drawings.regions:
        notes.append(
            f"{drawings.regions} annotations over {LARGEST_OBJECT_UM:g} um are regions and left "
            "out: each image counts as labelled in all of it"
        )
    return labelled_dataset(layout, labelled, images.values(), notes)


def _image_stem(path: Path) -> str:
    inner = Path(path.stem)
    return inner.stem if inner.suffix.lower() in IMAGE_SUFFIXES else path.stem


def _is_region(geometry: BaseGeometry, label: str, um_px: float, where: str) -> bool:
    widest_um = max(_size(geometry)) * um_px
    if geometry.geom_type in POINTS or widest_um <= LARGEST_OBJECT_UM:
        return False
    if is_figure(label):
        raise DataError(
            f"{where}: a mitotic figure must be at most {LARGEST_OBJECT_UM:g} um wide. "
            f"Received: {widest_um:.0f} um"
        )
    return True


def _marks(geometry: BaseGeometry, label: str, where: str) -> list[Mark]:
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
