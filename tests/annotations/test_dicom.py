"""Annotations in DICOM, read back with pydicom and highdicom."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pydicom
import pytest
from highdicom.ann import MicroscopyBulkSimpleAnnotations
from highdicom.spatial import ImageToReferenceTransformer, PixelToReferenceTransformer
from pydicom import Dataset
from pydicom.uid import UID

from mitokeras.annotations.annotations import annotations_of
from mitokeras.annotations.dicom import CODES, NEEDED, dicom_annotations, source_image
from mitokeras.counting.prediction import Detection, Prediction
from mitokeras.errors import DataError
from mitokeras.report.slide.geojson import COLOURS
from mitokeras.review.results.geojson import KINDS, REGION
from mitokeras.slides.opening import open_slide
from tests.annotations.drawn import FOUND
from tests.predictions import detection, prediction
from tests.slides import noise_image
from tests.slides.dicom import write_dicom

NAME = "Müller^Änne"
BULK_SIMPLE_ANNOTATIONS = "1.2.840.10008.5.1.4.1.1.91.1"


def describe(path: Path, **changes: object) -> None:
    """Add to a DICOM file what scanners say of patient, study and specimen."""
    dataset = pydicom.dcmread(path)
    dataset.SpecificCharacterSet = "ISO_IR 100"
    specimen = Dataset()
    specimen.SpecimenIdentifier = "Stück 1"
    specimen.SpecimenUID = "1.2.3.77"
    values: dict[str, object] = {
        **dict.fromkeys(NEEDED, ""),
        "StudyInstanceUID": dataset.StudyInstanceUID,
        "SeriesInstanceUID": dataset.SeriesInstanceUID,
        "SOPInstanceUID": dataset.SOPInstanceUID,
        "FrameOfReferenceUID": "1.2.3.55",
        "Modality": "SM",
        "PatientID": "P1",
        "PatientName": NAME,
        "ContainerIdentifier": "C1",
        "SpecimenDescriptionSequence": [specimen],
        **changes,
    }
    for name, value in values.items():
        if value is not None:
            setattr(dataset, name, value)
    dataset.save_as(path)


def scan(folder: Path, **changes: object) -> Path:
    """Write a slide in DICOM of two levels; gives its first file."""
    paths = write_dicom(folder, noise_image(480, 640))
    for path in paths:
        describe(path, **changes)
    return paths[0]


def found_on(path: Path, found: tuple[Detection, ...] = FOUND) -> Prediction:
    slide = open_slide(path)
    said = prediction(found, slide, name="1.2.3.dcm", tissue_mm2=1.0)  # type: ignore[arg-type]
    slide.close()
    return said


def written(path: Path, said: Prediction) -> MicroscopyBulkSimpleAnnotations:
    content = dicom_annotations(annotations_of(said), source_image(path, said.image))
    return MicroscopyBulkSimpleAnnotations.from_dataset(pydicom.dcmread(io.BytesIO(content)))


def test_it_is_of_its_class_and_refers_to_level_0(tmp_path: Path) -> None:
    path = scan(tmp_path)
    read = written(path, found_on(path))
    assert read.SOPClassUID == BULK_SIMPLE_ANNOTATIONS
    assert (read.Modality, read.AnnotationCoordinateType) == ("ANN", "2D")
    assert read.PixelOriginInterpretation == "VOLUME"
    (image,) = read.ReferencedImageSequence
    assert image.ReferencedSOPInstanceUID == "1.2.3.1"
    assert image.ReferencedSOPClassUID == "1.2.840.10008.5.1.4.1.1.77.1.6"
    assert (read.StudyInstanceUID, read.PatientID) == ("1.2.3.100", "P1")
    (series,) = read.ReferencedSeriesSequence
    assert series.SeriesInstanceUID == "1.2.3" != read.SeriesInstanceUID
    assert all(UID(each).is_valid for each in (read.SOPInstanceUID, read.SeriesInstanceUID))


def test_text_of_the_slide_is_kept_in_another_character_set(tmp_path: Path) -> None:
    path = scan(tmp_path)
    read = written(path, found_on(path))
    assert str(read.PatientName) == NAME
    assert read.SpecimenDescriptionSequence[0].SpecimenIdentifier == "Stück 1"


def test_places_scores_and_classes(tmp_path: Path) -> None:
    path = scan(tmp_path)
    read = written(path, found_on(path))
    figures, rejected, hotspot, ten_fields = read.get_annotation_groups()
    assert [each.label for each in (figures, rejected, hotspot, ten_fields)] == [
        "Mitotic figure", "Rejected candidate", "Hotspot", "Ten high-power fields",
    ]  # fmt: skip
    assert np.array(figures.get_graphic_data("2D")).tolist() == [[[10.5, 20.5]]]
    assert np.array(rejected.get_graphic_data("2D")).tolist() == [[[30.75, 40.625]]]
    names, values, units = rejected.get_measurements()
    assert (names[0].value, units[0].value) == ("SCORE", "1")
    assert values.tolist() == [[pytest.approx(0.2)]]
    assert figures.annotated_property_type.value == "MF"
    assert figures.algorithm_type.value == "AUTOMATIC"
    assert figures.algorithm_identification.name == "edge-tflite"
    assert "Warning: the tissue (1.00 mm2)" in figures.AnnotationGroupDescription
    # The longer axis first; 0.797885 mm are 3191.5382 px of 0.25 um.
    np.testing.assert_allclose(
        hotspot.get_graphic_data("2D")[0],
        [(-3181.0382, 20.5), (3202.0382, 20.5), (10.5, -3171.0382), (10.5, 3212.0382)],
        atol=1e-4,
    )


def test_half_a_pixel_is_that_of_the_standard(tmp_path: Path) -> None:
    """The pixel (10, 20), by its number and by the coordinates that are written, is one place."""
    path = scan(tmp_path)
    (x, y) = written(path, found_on(path)).get_annotation_group(1).get_graphic_data("2D")[0][0]
    geometry = ([1.0, 2.0, 0.0], [0.0, 1.0, 0.0, 1.0, 0.0, 0.0], [0.00025, 0.00025])
    of_pixel = PixelToReferenceTransformer(*geometry)(np.array([[10, 20]]))
    of_point = ImageToReferenceTransformer(*geometry)(np.array([[x, y]]))
    np.testing.assert_allclose(of_pixel, of_point, atol=1e-9)


def test_a_thousandth_of_a_pixel_is_kept_far_out(tmp_path: Path) -> None:
    path = scan(tmp_path)
    group = written(path, found_on(path, (detection(123_456.789, 98_765.432),)))
    ((place,),) = group.get_annotation_group(1).get_graphic_data("2D")
    np.testing.assert_allclose(place, (123_457.289, 98_765.932), atol=1e-6)


def test_the_same_content_has_the_same_identifiers(tmp_path: Path) -> None:
    path = scan(tmp_path)
    one, again = written(path, found_on(path)), written(path, found_on(path))
    other = written(path, found_on(path, FOUND[:1]))
    assert one.SOPInstanceUID == again.SOPInstanceUID != other.SOPInstanceUID
    assert one.SeriesInstanceUID == again.SeriesInstanceUID != other.SeriesInstanceUID
    assert one.get_annotation_group(1).uid != one.get_annotation_group(2).uid


def test_any_file_of_the_slide_leads_to_level_0(tmp_path: Path) -> None:
    path = scan(tmp_path)
    (tmp_path / "notes.dcm").write_text("not DICOM")
    (tmp_path / "cut.dcm").write_bytes(path.read_bytes()[:300])
    (tmp_path / "broken.dcm").write_bytes(bytes(128) + b"DICM" + bytes(range(256)))
    source = source_image(path.with_name("2.dcm"), found_on(path).image)
    assert source.SOPInstanceUID == "1.2.3.1"


def test_nothing_found_cannot_be_written(tmp_path: Path) -> None:
    path = scan(tmp_path)
    with pytest.raises(DataError, match=r"1\.2\.3\.dcm: nothing was found"):
        written(path, found_on(path, ()))


def test_a_slide_that_annotations_cannot_refer_to(tmp_path: Path) -> None:
    path = scan(tmp_path, PatientID=None)
    image = found_on(path).image
    with pytest.raises(DataError, match=r"1\.dcm: annotations need the slide's PatientID"):
        source_image(path, image)
    with pytest.raises(DataError, match=r"641 x 480 px, must be in one file .* Received: 0"):
        source_image(path, image.model_copy(update={"width_px": 641}))
    (tmp_path / "copy.dcm").write_bytes(path.read_bytes())
    with pytest.raises(DataError, match="Received: 2"):
        source_image(path, image)
    path.write_bytes(b"no longer")
    with pytest.raises(DataError, match=r"1\.dcm: must be a DICOM file of a series"):
        source_image(path, image)


def test_a_slide_whose_attributes_break_the_standard(tmp_path: Path) -> None:
    path = scan(tmp_path, PatientSex="X")
    with pytest.raises(DataError, match="the slide's attributes must be as DICOM has them"):
        written(path, found_on(path))


def test_every_class_has_a_code() -> None:
    assert set(CODES) == {*COLOURS, *KINDS, REGION}
    assert len(set(CODES.values())) == len(CODES)
    assert all(len(code) <= 16 for code in CODES.values())  # SH of PS3.5, 6.2
