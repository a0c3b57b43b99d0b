"""A field of an open store."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import h5py
import numpy as np
from shapely.geometry.base import BaseGeometry

from mitokeras.data.fields import Split
from mitokeras.data.imprints import Imprint
from mitokeras.data.known import KNOWN_RADIUS_UM, is_inside, is_near
from mitokeras.data.known_tissue import KnownTissue
from mitokeras.data.stain_range import StainRange, sampled
from mitokeras.data.views import View
from mitokeras.errors import DataError


@dataclass(frozen=True, eq=False)
class StoredField:
    """A field of an open store, with what is known of it before its pixels are read.

    Attributes:
        index: Its place in the store.
        spacing_um_px: Size of a pixel.
        name: Name of the image file.
        image_sha256: Hash of the image file.
        labels_sha256: Hash of all that the data set says about the field.
        case: The patient or slide.
        prescribed: The split that the data set states, or None.
        source: The data set of a mixture that it belongs to.
        complete: Whether every mitotic figure is labelled: in `labelled`, or in all of it.
        height: Pixels.
        width: Pixels.
        figures: Centroids (x, y) of the mitotic figures, shape (n, 2).
        subtypes: `Subtype` of each mitotic figure, shape (n,).
        lookalikes: Centres (x, y) of the labelled non-mitoses, shape (m, 2).
        nuclei: Centres (x, y) of the labelled ordinary nuclei, shape (k, 2).
        tissue: Name that the fields share which show some of the same tissue, or empty.
        repeats: Rectangles (left, top, right, bottom) scored in another field, shape (k, 4).
        labelled: Area in which every mitotic figure is labelled; None for the whole field.
        unsure: Places (x, y) of which nothing is known, shape (l, 2).
    """

    index: int
    spacing_um_px: float
    name: str
    image_sha256: str
    labels_sha256: str
    case: str
    prescribed: Split | None
    source: str
    complete: bool
    height: int
    width: int
    figures: np.ndarray
    subtypes: np.ndarray
    lookalikes: np.ndarray
    nuclei: np.ndarray
    tissue: str
    repeats: np.ndarray
    labelled: BaseGeometry | None
    unsure: np.ndarray
    _group: h5py.Group

    @property
    def area_mm2(self) -> float:
        return self.height * self.width * self.spacing_um_px**2 / 1e6

    def is_labelled(self, xy: np.ndarray) -> np.ndarray:
        """At which points (x, y) every mitotic figure is labelled, bool, shape (n,)."""
        if not self.complete:
            return np.zeros(len(xy), bool)
        return is_inside(xy, self.labelled)

    def is_unsure(self, xy: np.ndarray) -> np.ndarray:
        """Which points (x, y) lie where nothing is known and teach nothing, bool, shape (n,)."""
        return is_near(xy, self.unsure, KNOWN_RADIUS_UM / self.spacing_um_px)

    def image(self) -> np.ndarray:
        """The whole field, RGB, uint8, shape (height, width, 3).

        Raises:
            DataError: The store is damaged there; so of all that reads pixels.
        """
        return self._read("image", np.s_[:, :])

    def pixels(self) -> tuple[np.ndarray, np.ndarray]:
        """Image (height, width, 3) and mask (height, width), uint8."""
        return self.region(slice(None), slice(None))

    def region(self, rows: slice, columns: slice) -> tuple[np.ndarray, np.ndarray]:
        """Image (h, w, 3) and mask (h, w) of a rectangle inside the field, uint8."""
        return self._read("image", np.s_[rows, columns]), self._read("mask", np.s_[rows, columns])

    def imprint(self) -> Imprint:
        """What its tissue is known again by; of the stored pixels in stores that do not keep it."""
        if "imprint" not in self._group:
            return View.at(self.image(), self.spacing_um_px).imprint
        return Imprint(self._read("imprint/xy", np.s_[:]), self._read("imprint/bits", np.s_[:]))

    def _read(self, name: str, selection: Any) -> np.ndarray:
        try:
            return self._group[name][selection]
        except Exception as error:  # what comes of a damaged file has no base
            raise DataError(
                f"{self._group.file.filename}: the {name} of field {self.name} is damaged: {error}"
            ) from error


def stains_of(fields: Iterable[StoredField]) -> StainRange | None:
    """The range of the stains of fields of an open store whose pixels are as they were."""
    cases: dict[tuple[str, str], list[StoredField]] = {}
    for field in fields:
        cases.setdefault((field.source, field.case), []).append(field)
    return StainRange.of(
        ([sampled(field.image()) for field in own], sum(field.area_mm2 for field in own))
        for own in cases.values()
    )


def tissue_of(fields: Iterable[StoredField]) -> KnownTissue:
    """The tissue of fields of an open store."""
    return KnownTissue(field.imprint() for field in fields)
