"""Annotations for DICOM viewers: a Microscopy Bulk Simple Annotations object beside the slide's.

Source: DICOM PS3.3, A.87 and C.37. Coordinates are those of the Total Pixel Matrix of level 0,
whose top left pixel has its corner at 0\\0 and its centre at 0.5\\0.5 (C.10.5.1.2).
"""

from __future__ import annotations

import hashlib
import io
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from mitokeras.annotations.annotations import Annotations
from mitokeras.counting.prediction import ImageFacts
from mitokeras.errors import DataError, MissingExtraError, reason_of
from mitokeras.report.colours import rgb
from mitokeras.report.slide.geojson import NAMESPACE
from mitokeras.slides.footprint import DICOM

if TYPE_CHECKING:
    from highdicom.ann import AnnotationGroup
    from pydicom import Dataset

MARK = b"mitokeras"
"""In the file's meta information, as the implementation that wrote it."""

WHOLE_SLIDE = "1.2.840.10008.5.1.4.1.1.77.1.6"
"""SOP class of slides."""

NEEDED = (
    "StudyInstanceUID", "SeriesInstanceUID", "SOPInstanceUID", "FrameOfReferenceUID", "Modality",
    "PatientID", "PatientName", "PatientBirthDate", "PatientSex", "AccessionNumber", "StudyID",
    "StudyDate", "StudyTime",
)  # fmt: skip
"""Attributes of a slide that its annotations take over; they must be there, and may be empty."""

SCHEME = "99MITOKERAS"

CODES = {
    "Mitotic figure": "MF",
    "Rejected candidate": "REJECTED",
    "Atypical mitotic figure": "ATYPICAL-MF",
    "Not a mitotic figure": "NON-MF",
    "Unsure": "UNSURE",
    "Mitotic figure (model alone)": "MF-MODEL",
    "Rejected (model alone)": "REJECTED-MODEL",
    "Counted region": "COUNTED-REGION",
    "Hotspot": "HOTSPOT",
    "Ten high-power fields": "TEN-FIELDS",
}
"""Of the classes, in a scheme of our own: the lists of DICOM have none for them."""

MODEL_ALONE = "(model alone)"
"""In the classes of what a reader has not looked at."""


def check_dicom() -> None:
    """Refuse to go on without the packages.

    Raises:
        MissingExtraError: They are not installed.
    """
    try:
        import highdicom  # noqa: F401
    except ModuleNotFoundError as error:
        raise MissingExtraError("dicom", "--format dicom") from error


def source_image(path: Path, image: ImageFacts) -> Dataset:
    """Read what level 0 of a DICOM slide says of itself, without its pixels.

    Args:
        path: Any of its files.
        image: The slide.

    Raises:
        DataError: It is no DICOM, level 0 is not in one file, or lacks what annotations need.
    """
    if image.format != "dicom":
        raise DataError(
            f"{path}: --format dicom needs a slide in DICOM, whose identifiers the annotations "
            f"refer to. Received: {image.format}"
        )
    beside = (each for each in sorted(path.parent.iterdir()) if each.suffix.lower() == DICOM)
    files = {each: _read(each) for each in beside}
    own = files.get(path)
    if own is None:
        raise DataError(f"{path}: must be a DICOM file of a series")
    found = [
        each
        for each in files.values()
        if each is not None
        and each.SeriesInstanceUID == own.SeriesInstanceUID
        and each.get("SOPClassUID") == WHOLE_SLIDE
        and "VOLUME" in each.get("ImageType", ())
        and each.get("TotalPixelMatrixColumns") == image.width_px
        and each.get("TotalPixelMatrixRows") == image.height_px
    ]
    if len(found) != 1:
        raise DataError(
            f"{path}: level 0, of {image.width_px} x {image.height_px} px, must be in one file for "
            f"annotations to refer to it. Received: {len(found)}"
        )
    (dataset,) = found
    missing = [name for name in NEEDED if name not in dataset]
    if missing:
        raise DataError(f"{path}: annotations need the slide's {missing[0]}. Received none")
    return dataset


def _read(path: Path) -> Dataset | None:
    """A file without its pixels, its text decoded; None where it is no DICOM of a series."""
    from pydicom import dcmread

    try:
        dataset = dcmread(path, stop_before_pixels=True)
        dataset.decode()  # or it could not be written in another character set
    except Exception:  # pydicom raises what comes
        return None
    return dataset if "SeriesInstanceUID" in dataset else None


def dicom_annotations(drawn: Annotations, source: Dataset) -> bytes:
    """Write the figures with their scores, and the areas, a group a class.

    The same figures of the same slide have the same identifiers, whenever they are written.

    Args:
        drawn: What is drawn.
        source: From `source_image`.

    Raises:
        DataError: Nothing is drawn: DICOM has no empty annotations.
    """
    from highdicom.ann import AnnotationCoordinateTypeValues, MicroscopyBulkSimpleAnnotations

    groups = list(_groups(drawn))
    if not groups:
        raise DataError(
            f"{drawn.image.name}: nothing was found, and DICOM has no annotations without any; "
            "no file is written"
        )
    content = _content(drawn, source, groups)
    drawn_groups = [
        _annotation_group(number, group, drawn, _uid(content, f"group {number}"))
        for number, group in enumerate(groups, start=1)
    ]
    try:
        written = MicroscopyBulkSimpleAnnotations(
            source_images=[source],
            annotation_coordinate_type=AnnotationCoordinateTypeValues.SCOORD,
            annotation_groups=drawn_groups,
            series_instance_uid=_uid(content, "series"),
            series_number=1000,
            sop_instance_uid=_uid(content, "object"),
            instance_number=1,
            manufacturer="mitokeras",
            manufacturer_model_name="mitokeras",
            software_versions=drawn.version,
            device_serial_number="0",
            content_description="Mitotic figures. Research software, not a medical device.",
            content_creator_name=f"{drawn.reviewer}^" if drawn.reviewer else None,
            content_label="MITOSES",
            series_description="Mitotic figures",
            specific_character_set="ISO_IR 192",
        )
    except ValueError as error:  # of what the slide says of patient and study
        raise DataError(
            f"{drawn.image.name}: the slide's attributes must be as DICOM has them. "
            f"Received: {reason_of(error)}"
        ) from error
    written.file_meta.ImplementationVersionName = MARK.decode()
    file = io.BytesIO()
    written.save_as(file)
    return file.getvalue()


class Group(NamedTuple):
    """Annotations of one class and shape.

    Attributes:
        kind: The class.
        colour: "#RRGGBB".
        shape: Graphic type.
        places: The points of each, shape (n, 2).
        text: What was counted there; empty where nothing was.
        scores: Of each figure; empty for areas.
    """

    kind: str
    colour: str
    shape: str
    places: list[np.ndarray]
    text: str = ""
    scores: tuple[float | None, ...] = ()


def _groups(drawn: Annotations) -> Iterator[Group]:
    for layer in drawn.layers:
        points = list(layer.places[:, None])
        yield Group(layer.kind, layer.colour, "POINT", points, scores=layer.scores)
    outlines = [area for area in drawn.areas if not area.is_ellipse]
    if outlines:
        first, corners = outlines[0], [area.corners for area in outlines]
        yield Group(first.kind, first.colour, "POLYGON", corners)
    for area in drawn.areas:
        if area.is_ellipse:
            yield Group(area.kind, area.colour, "ELLIPSE", [_axes(area.corners)], area.text)


def _axes(corners: np.ndarray) -> np.ndarray:
    """The ends of the longer axis of an ellipse, then those of the shorter."""
    low, high = corners.min(axis=0), corners.max(axis=0)
    x, y = (low + high) / 2
    along_x, along_y = [(low[0], y), (high[0], y)], [(x, low[1]), (x, high[1])]
    wide = high[0] - low[0] >= high[1] - low[1]
    return np.array([*along_x, *along_y] if wide else [*along_y, *along_x])


def _annotation_group(number: int, group: Group, drawn: Annotations, uid: str) -> AnnotationGroup:
    from highdicom import AlgorithmIdentificationSequence
    from highdicom.ann import AnnotationGroup, Measurements
    from highdicom.color import CIELabColor
    from highdicom.sr import CodedConcept
    from pydicom.sr.codedict import codes

    is_figure = group.shape == "POINT"
    measurements = None
    if any(score is not None for score in group.scores):
        name = CodedConcept("SCORE", SCHEME, "Probability of mitotic figure by the model")
        scores = np.array([np.nan if score is None else score for score in group.scores])
        measurements = [Measurements(name, scores, codes.UCUM.NoUnits)]
    generation = _generation(group, drawn)
    model = AlgorithmIdentificationSequence(
        drawn.model[:64], codes.DCM.ArtificialIntelligence, drawn.version[:64], "mitokeras"
    )
    return AnnotationGroup(
        number,
        uid,
        group.kind,
        codes.SCT.MorphologicallyAbnormalStructure
        if is_figure
        else codes.SCT.SpatialAndRelationalConcept,
        CodedConcept(CODES[group.kind], SCHEME, group.kind),
        group.shape,
        group.places,
        generation,
        None if generation == "MANUAL" else model,
        measurements,
        "; ".join([*[group.text] * bool(group.text), drawn.description]),
        display_color=CIELabColor.from_rgb(*rgb(group.colour)),
    )


def _generation(group: Group, drawn: Annotations) -> str:
    """By whose word it is there."""
    if group.shape == "POLYGON":
        return "MANUAL"
    is_judged = drawn.reviewer and not group.kind.endswith(MODEL_ALONE)
    return "SEMIAUTOMATIC" if is_judged else "AUTOMATIC"


def _content(drawn: Annotations, source: Dataset, groups: list[Group]) -> str:
    """What tells annotations from others."""
    content = hashlib.sha256()
    for text in (source.SOPInstanceUID, drawn.prediction, drawn.reviewer, drawn.description):
        content.update(f"{text}\n".encode())
    for group in groups:
        content.update(f"{group.kind} {group.text} {len(group.places)}\n".encode())
        content.update(np.concatenate(group.places).tobytes())
    return content.hexdigest()


def _uid(content: str, what: str) -> str:
    """An identifier that is the same for the same content (PS3.5, B.2)."""
    return f"2.25.{uuid.uuid5(NAMESPACE, f'{content} {what}').int}"
