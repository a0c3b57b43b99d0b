"""What other programs draw on a slide: figures by class, and the areas they were counted in.

Every writer takes its places from here, so that all of them draw the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from mitokeras.counting.count import Count
from mitokeras.counting.prediction import Detection, ImageFacts, Point, Prediction
from mitokeras.report.colours import BLUE
from mitokeras.report.slide.geojson import (
    COLOURS,
    HOTSPOT,
    TEN_FIELDS,
    circle_outline,
    class_of,
)
from mitokeras.report.slide.words import NOTICE, spacing_text, threshold_text, warnings_of
from mitokeras.review.corrected import Corrected, Figure
from mitokeras.review.results.geojson import KINDS, REGION
from mitokeras.review.results.words import caveats, kind_of, share_text
from mitokeras.text import printable
from mitokeras.verdicts.fingerprint import fingerprint


@dataclass(frozen=True)
class Layer:
    """The figures of one class.

    Attributes:
        kind: The class, as QuPath's GeoJSON calls it.
        colour: "#RRGGBB".
        places: Their centres (x, y), see `Annotations`; shape (n, 2), not empty.
        candidates: The number of each in the model's outputs; None for one that a reader added.
        scores: The probability that stage 2 gives to each; None likewise.
    """

    kind: str
    colour: str
    places: np.ndarray
    candidates: tuple[int | None, ...]
    scores: tuple[float | None, ...]


@dataclass(frozen=True)
class Area:
    """A region that figures were counted in.

    Attributes:
        kind: The class, as QuPath's GeoJSON calls it.
        colour: "#RRGGBB".
        text: What was counted there; empty where nothing was counted in it alone.
        corners: Its outline, see `Annotations`; shape (n, 2), not closed.
        is_ellipse: Whether it is the ellipse that fills the box about its corners.
    """

    kind: str
    colour: str
    text: str
    corners: np.ndarray
    is_ellipse: bool = False


@dataclass(frozen=True)
class Annotations:
    """All that is drawn on one slide.

    Places are pixels of level 0 from the upper left corner of the image, so that the centre of the
    top left pixel is (0.5, 0.5), as ASAP, ImageScope, OMERO and DICOM count.

    Attributes:
        image: The slide.
        prediction: Fingerprint of the prediction.
        model: Name of the model.
        version: Of mitokeras, which predicted.
        reviewer: Whose word it is; empty where it is the model's alone.
        about: Where it comes from, a clause each.
        warnings: What must not be missed beside any number, a clause each.
        layers: The classes that have figures.
        areas: Regions, hotspot and ten fields.
    """

    image: ImageFacts
    prediction: str
    model: str
    version: str
    reviewer: str
    about: tuple[str, ...]
    warnings: tuple[str, ...]
    layers: tuple[Layer, ...]
    areas: tuple[Area, ...]

    @property
    def description(self) -> str:
        """In one line, where it comes from and all warnings."""
        warnings = (f"Warning: {each}" for each in self.warnings)
        return printable("; ".join((*self.about, *warnings)))


def annotations_of(found: Prediction | Corrected, atypical_class: bool = False) -> Annotations:
    """Give what is drawn of a prediction, or of a reader's review of it.

    Args:
        found: What is drawn.
        atypical_class: Give figures of a prediction that stage 3 calls atypical a class of their
            own; those of a reader have one.
    """
    image, model = found.image, found.model
    about = (NOTICE.rstrip("."), f"mitokeras {found.mitokeras}, model {model.name}")
    if isinstance(found, Corrected):
        return Annotations(
            image,
            found.prediction,
            model.name,
            found.mitokeras,
            found.reviewer,
            (*about, share_text(found), spacing_text(image)),
            tuple(caveats(found)),
            tuple(_layers(((kind_of(one), one) for one in found.figures), KINDS)),
            tuple(_areas(found.reviewed, image, found.region)),
        )
    named = ((class_of(one, atypical_class), one) for one in found.detections)
    return Annotations(
        image,
        fingerprint(found),
        model.name,
        found.mitokeras,
        "",
        (*about, threshold_text(found), spacing_text(image)),
        tuple(warnings_of(found)),
        tuple(_layers(named, COLOURS)),
        tuple(_areas(found.count, image, ())),
    )


def _layers(
    named: Iterable[tuple[str, Detection | Figure]], colours: Mapping[str, str]
) -> Iterator[Layer]:
    """Sort figures, which come in the order of their numbers, by class."""
    of_kind: dict[str, list[tuple[int | None, float | None, Point]]] = {}
    for number, (kind, one) in enumerate(named, start=1):
        place = one.x, one.y
        if isinstance(one, Detection):
            of_kind.setdefault(kind, []).append((number, one.classifier_score, place))
        else:
            of_kind.setdefault(kind, []).append((one.candidate, one.model_score, place))
    for kind, colour in colours.items():
        if figures := of_kind.get(kind):
            numbers, scores, places = zip(*figures, strict=True)
            yield Layer(kind, colour, np.array(places) + 0.5, numbers, scores)


def _areas(count: Count, image: ImageFacts, region: Sequence[Sequence[Point]]) -> Iterator[Area]:
    for outline in region:
        yield Area(REGION, BLUE, "", np.array(outline) + 0.5)
    for kind, circle in ((HOTSPOT, count.hotspot), (TEN_FIELDS, count.ten_fields)):
        if circle is not None:
            text = f"{circle.area_mm2:.3g} mm2, mitotic figures: {circle.figures}"
            corners = np.array(circle_outline(circle, image)) + 0.5
            yield Area(kind, COLOURS[kind], text, corners, is_ellipse=True)
