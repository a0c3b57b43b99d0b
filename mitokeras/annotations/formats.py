"""The formats of other programs, by name."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from mitokeras.annotations import dicom, omero, xml_text
from mitokeras.annotations.annotations import Annotations, annotations_of
from mitokeras.annotations.asap import asap_xml
from mitokeras.annotations.imagescope import imagescope_xml
from mitokeras.annotations.qupath import import_script
from mitokeras.counting.prediction import Prediction
from mitokeras.errors import DataError
from mitokeras.report.slide.geojson import geojson
from mitokeras.review.corrected import Corrected
from mitokeras.review.results.geojson import reviewed_geojson


class Subject(NamedTuple):
    """What is written of one slide.

    Attributes:
        found: A prediction, or a reader's review of it.
        slide: The slide; None where the format does not need it.
        atypical_class: Whether figures that stage 3 calls atypical have a class of their own.
    """

    found: Prediction | Corrected
    slide: Path | None
    atypical_class: bool = False

    def drawn(self) -> Annotations:
        return annotations_of(self.found, self.atypical_class)

    def drawn_on_scan(self, program: str) -> Annotations:
        """The same, for a program that may crop a slide to its scanned area, or not.

        Raises:
            DataError: The two differ on this slide.
        """
        image = self.found.image
        if image.scan_corner_px != (0, 0):
            raise DataError(
                f"{image.name}: its scanned area begins at {image.scan_corner_px} of level 0, and "
                f"where {program} counts from on such a slide is not known; --format asap and "
                "qupath can be written"
            )
        return self.drawn()


class Format(NamedTuple):
    """One kind of file.

    Attributes:
        file_name: Of a slide's file, by the name of the slide.
        mark: Bytes that stand near the beginning of each file.
        write: Gives its content.
        needs_slide: Whether the slide itself must be there.
        check: Raises a MissingExtraError where packages are missing.
        beside: Name and content of a file beside those of the slides, by their folder.
    """

    file_name: Callable[[str], str]
    mark: bytes
    write: Callable[[Subject], bytes]
    needs_slide: bool = False
    check: Callable[[], None] = lambda: None
    beside: Callable[[Path], tuple[str, bytes]] | None = None


def _instead_of_suffix(suffix: str) -> Callable[[str], str]:
    """As the program looks for it beside the slide."""
    return lambda name: f"{PurePosixPath(name).stem}{suffix}"


def _qupath(subject: Subject) -> bytes:
    found = subject.found
    if isinstance(found, Prediction):
        return geojson(found, subject.atypical_class)
    return reviewed_geojson(found)


def _dicom(subject: Subject) -> bytes:
    if subject.slide is None:
        raise RuntimeError("annotations in DICOM need their slide")
    source = dicom.source_image(subject.slide, subject.found.image)
    return dicom.dicom_annotations(subject.drawn(), source)


FORMATS = {
    "asap": Format(
        _instead_of_suffix(".xml"), xml_text.MARK, lambda subject: asap_xml(subject.drawn())
    ),
    "imagescope": Format(
        _instead_of_suffix(".xml"),
        xml_text.MARK,
        lambda subject: imagescope_xml(subject.drawn_on_scan("ImageScope")),
    ),
    "omero": Format(
        lambda name: f"{name}.json",
        omero.MARK,
        lambda subject: omero.omero_json(subject.drawn_on_scan("OMERO")),
    ),
    "dicom": Format(
        _instead_of_suffix(".ann.dcm"),
        dicom.MARK,
        _dicom,
        needs_slide=True,
        check=dicom.check_dicom,
    ),
    "qupath": Format(
        lambda name: f"{name}.geojson",
        b'"mitokeras": ',
        _qupath,
        beside=import_script,
    ),
}
