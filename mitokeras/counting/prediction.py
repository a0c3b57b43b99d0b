"""What the detector says about one slide or image, and the JSON file that keeps it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import PurePosixPath
from typing import Annotated

import numpy as np
from pydantic import Field

from mitokeras.counting.atypical import Atypical, Subtype, Subtyping
from mitokeras.counting.count import Count, count_figures
from mitokeras.disk.records import LeanRecord, Record

Point = Annotated[tuple[float, float], Field(strict=False)]


class Detection(LeanRecord):
    """A candidate of stage 1, and what the other stages say about it.

    Attributes:
        x: Centroid, pixels of level 0; the centre of the top left pixel is (0, 0).
        y: Centroid.
        area_um2: Area of the segmented region.
        segmenter_score: Highest probability inside, 0 to 1.
        classifier_score: Probability of mitotic figure by stage 2, 0 to 1.
        accepted: Taken for a mitotic figure.
        atypical_score: Probability of an atypical mitotic figure by stage 3, 0 to 1; None where
            there is no stage 3 or the candidate is not accepted.
        subtype: What stage 3 takes an accepted one for; empty where it has no `atypical_score`.
        outline: Polygon around the segmented region, pixels of level 0, in the coordinates of
            `x` and `y`; not closed, at least three corners, no self-intersection.
    """

    x: float
    y: float
    area_um2: float
    segmenter_score: float
    classifier_score: float
    accepted: bool
    atypical_score: float | None = None
    subtype: Subtype = ""
    outline: Annotated[tuple[Point, ...], Field(strict=False)]


class ImageFacts(LeanRecord):
    """The image that was looked at.

    Attributes:
        name: File name, with the folders below the input or inbox that it was found in.
        width_px: Width of level 0.
        height_px: Height of level 0.
        spacing_um_px: Size of a pixel of level 0.
        pixel_um: Its width and height, of which `spacing_um_px` is the mean.
        scan_corner_px: Where the scanned area begins on level 0, (x, y).
        spacing_source: Where it comes from; "--spacing-um-px" where the user overrode the file.
        format: Such as "aperio", "OME-TIFF" or "PNG".
        unwritten_mm2: Area of the tissue that a coarser copy in the file shows where level 0 was
            never written, so that no figure was looked for there; None where there is none.
    """

    name: str
    width_px: int
    height_px: int
    spacing_um_px: float
    pixel_um: Point
    scan_corner_px: Annotated[tuple[int, int], Field(strict=False)]
    spacing_source: str
    format: str
    unwritten_mm2: float | None = None

    @property
    def file_name(self) -> str:
        """The name without folders."""
        return PurePosixPath(self.name).name


class ModelFacts(LeanRecord):
    """The model that looked.

    Attributes:
        name: Name of its folder.
        segmenter_sha256: Checksum of the segmenter's file.
        classifier_sha256: Checksum of the classifier's file.
        spacing_um_px: Spacing that images are brought to.
        segmenter_threshold: A pixel is a candidate's above it.
        classifier_threshold: A candidate is accepted from it on.
        subtyper_sha256: Checksum of the subtyper's file; None without a stage 3.
        subtyping: How it tells atypical figures from normal ones; None without a stage 3.
    """

    name: str
    segmenter_sha256: str
    classifier_sha256: str
    spacing_um_px: float
    segmenter_threshold: float
    classifier_threshold: float
    subtyper_sha256: str | None = None
    subtyping: Subtyping | None = None


class Suitability(Record):
    """Whether a slide is one that the model can be trusted on; None: not known.

    Attributes:
        learned_from: Whether the model has learned from this image.
        strange_stain: What of the stain lies beyond what the model has learned from, or that there
            are no two stains; nothing where it is as known.
        out_of_focus: Share of the tissue that is out of focus, by a sample, 0 to 1.
    """

    learned_from: bool | None = None
    strange_stain: Annotated[tuple[str, ...] | None, Field(strict=False)] = None
    out_of_focus: Annotated[float | None, Field(ge=0, le=1)] = None


class Prediction(LeanRecord):
    """All that was found on one slide.

    Attributes:
        mitokeras: Version that made it.
        image: What was looked at.
        model: What looked.
        tiles: Number of tiles that the image was divided into.
        tiles_skipped: How many of them are blank, so that no network saw them.
        suitability: Whether the model suits the slide.
        count: Counts of the accepted detections.
        atypical: How many of them are atypical; None where the model does not tell.
        detections: All candidates, those that stage 2 rejected as well, in reading order.
    """

    mitokeras: str
    image: ImageFacts
    model: ModelFacts
    tiles: int
    tiles_skipped: int
    suitability: Suitability = Suitability()
    count: Count
    atypical: Atypical | None = None
    detections: Annotated[tuple[Detection, ...], Field(strict=False)]

    @property
    def false_per_mm2(self) -> float | None:
        """The model's false figures per mm2 of tissue at its thresholds; None: not measured."""
        return None if self.count.false is None else self.count.false.per_mm2

    def counted(self, field_diameter_mm: float) -> Prediction:
        """The same with the counts for another high-power field."""
        return self.counted_with(field_diameter_mm, self.false_per_mm2)

    def counted_with(self, field_diameter_mm: float, false_per_mm2: float | None) -> Prediction:
        """The same with the counts for another field and another rate of false figures."""
        count = count_accepted(
            self.detections,
            self.image.pixel_um,
            self.count.tissue_mm2,
            field_diameter_mm,
            false_per_mm2,
        )
        return self.changed(count=count)


def count_accepted(
    detections: Sequence[Detection],
    pixel_um: tuple[float, float],
    tissue_mm2: float,
    field_diameter_mm: float,
    false_per_mm2: float | None,
) -> Count:
    """Count the accepted detections of a slide."""
    corners = [(one.x + 0.5, one.y + 0.5) for one in detections if one.accepted]
    xy_mm = np.array(corners).reshape(-1, 2) * pixel_um / 1000
    return count_figures(xy_mm, tissue_mm2, field_diameter_mm, false_per_mm2)
