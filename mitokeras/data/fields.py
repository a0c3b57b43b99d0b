"""The field: one image of tissue with what is known about the mitotic figures in it.

All readers give this record. Pixel coordinates are (x, y), x to the right and y down, in the
pixels of the image file; the centre of the top left pixel is (0, 0).
"""

from __future__ import annotations

from dataclasses import dataclass
from dataclasses import field as attribute
from pathlib import Path
from typing import Literal

import numpy as np
from shapely.geometry.base import BaseGeometry

from mitokeras.counting.atypical import Subtype
from mitokeras.data.imprints import Imprint

Split = Literal["train", "validation", "test"]

SPLITS: tuple[Split, ...] = ("train", "validation", "test")

UNLABELLED = 254
"""In a mask: not known to be background, as not every mitotic figure here is labelled."""

OUTSIDE = 255
"""In a mask: no tissue of the field at all."""

ASSUMED_SPACING_UM_PX = 0.25
"""Spacing of a 40x scan, taken where a data set does not state its own."""


@dataclass(frozen=True, eq=False)
class Mark:
    """One labelled object.

    Attributes:
        x: Centre, pixels.
        y: Centre, pixels.
        size_px: Width and height of a box that was drawn around the object itself; None where
            the label is only a point (a box of one constant size is a point as well).
        pixels: The object's pixels as an integer array of (x, y) rows, shape (n, 2), or None.
        label: What the data set calls the object, such as "apoptosis"; empty where it gives no
            name.
        subtype: Of a mitotic figure.
    """

    x: float
    y: float
    size_px: tuple[float, float] | None = None
    pixels: np.ndarray | None = None
    label: str = ""
    subtype: Subtype = ""


SAME_PX = 1.0
"""Marks no further apart are of one object. No two in MIDOG++ are nearer than 26 px; an export
made twice, and one that was rounded, lie within 1 px."""

Box = tuple[float, float, float, float]
"""Left, top, right and bottom edge of a rectangle, pixels; a pixel's own are half a pixel off its
centre."""


Window = tuple[int, int, int, int]
"""Left, top, width and height of a part of an image, whole pixels of level 0."""


@dataclass(frozen=True, eq=False)
class Field:
    """One image and its labels, as a reader found them; nothing is decoded yet.

    Attributes:
        image: The image file.
        case: The patient or slide; fields of one case never go to different splits.
        spacing_um_px: Size of a pixel, micrometres.
        figures: The mitotic figures; empty where `mask` holds them.
        lookalikes: Labelled non-mitoses that are hard to tell from a mitosis (apoptotic bodies,
            hard negatives). Ordinary nuclei are none.
        nuclei: Ordinary nuclei, where the data set labels them: no mitotic figures for certain.
        mask: Binary mask file of the same size as the image, non-zero on mitotic figures.
        split: The split that the data set prescribes, or None.
        source: The data set of a mixture that it belongs to.
        complete: Whether every mitotic figure is labelled: in `labelled`, or in all of it.
        tissue: Name that all fields share which show some of the same tissue; empty where no other
            field does.
        repeats: Rectangles that another field shows as well, which is the one to score them in: all
            that is labelled here is labelled there.
        imprint: What its tissue is known again by, where that was looked at already.
        spacing_is_assumed: Whether nobody has stated the size of a pixel.
        stated_size_px: Width and height of the image that was labelled, where the labels tell.
        window: The part of the image that the field is, to whose corner all places are; None for
            the whole image.
        labelled: Area in which every mitotic figure is labelled; None for the whole field.
            Elsewhere only what is labelled is known.
        unsure: Objects that may be mitotic figures or not, and those just beyond the edge of a
            window: nothing is known there.
    """

    image: Path
    case: str
    spacing_um_px: float
    figures: tuple[Mark, ...] = ()
    lookalikes: tuple[Mark, ...] = ()
    nuclei: tuple[Mark, ...] = ()
    mask: Path | None = None
    split: Split | None = None
    source: str = ""
    complete: bool = True
    tissue: str = ""
    repeats: tuple[Box, ...] = ()
    imprint: Imprint | None = None
    spacing_is_assumed: bool = False
    stated_size_px: tuple[float, float] | None = None
    window: Window | None = None
    labelled: BaseGeometry | None = None
    unsure: tuple[Mark, ...] = ()

    @property
    def name(self) -> str:
        """Name of the image, with the window if it is a part of it."""
        if self.window is None:
            return self.image.name
        x, y, width, height = self.window
        return f"{self.image.name} [x={x},y={y},w={width},h={height}]"


@dataclass(frozen=True, eq=False)
class LoadedField:
    """A decoded field.

    Attributes:
        image: RGB, uint8, shape (height, width, 3).
        mask: 1 on mitotic figures, else 0, uint8, shape (height, width).
        figures: Centroids (x, y) of the mitotic figures, float64, shape (n, 2).
        lookalikes: Centres (x, y) of the labelled non-mitoses, float64, shape (m, 2).
        nuclei: Centres (x, y) of the labelled ordinary nuclei, float64, shape (k, 2).
        subtypes: `Subtype` of each mitotic figure, shape (n,).
        has_soft_mask: Whether only the brighter half of a mask's grey values was taken.
        marked_lookalikes: How many look-alikes lie on figures of a mask file.
        unsure: Centres (x, y) of objects that nobody is sure of, float64, shape (l, 2).
    """

    image: np.ndarray
    mask: np.ndarray
    figures: np.ndarray
    lookalikes: np.ndarray
    nuclei: np.ndarray
    subtypes: np.ndarray
    has_soft_mask: bool = False
    marked_lookalikes: int = 0
    unsure: np.ndarray = attribute(default_factory=lambda: np.zeros((0, 2)))


@dataclass(frozen=True)
class DataSet:
    """What a reader found in a folder.

    Attributes:
        layout: Name of the layout, such as "icpr2012".
        fields: In the order of their image paths.
        notes: One line each on what is missing, assumed or was passed over.
        missing: Fields with labels whose image file is not there; `image` is where it would be.
    """

    layout: str
    fields: tuple[Field, ...]
    notes: tuple[str, ...] = ()
    missing: tuple[Field, ...] = ()
