"""Annotations of a folder of predictions through the command, and read back by our readers."""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path

import pydicom
import pytest

from mitokeras.annotations.formats import FORMATS
from mitokeras.cli import annotations as command
from mitokeras.counting.kept import OUTDATED, OUTDATED_FILE
from mitokeras.data.fields import Mark
from mitokeras.data.readers import read_dataset
from mitokeras.disk.files import atomic_path
from mitokeras.report.slide.geojson import geojson
from mitokeras.review.review import Review
from mitokeras.verdicts.finding import find_predicted
from tests.annotations.drawn import judged
from tests.annotations.test_dicom import scan
from tests.predictions import EVIL
from tests.review.slides import write_predicted, write_prediction
from tests.runs import call


def annotations(folder: Path, form: str, out: Path, *more: object) -> list[str]:
    """The lines of a run without errors."""
    done = call("annotations", folder, "--format", form, "--out", out, *more)
    assert done.exit_code == 0, done.output
    return done.output.splitlines()


def refusal(folder: Path, form: str, out: Path, *more: object) -> str:
    """The one line of a run that is refused."""
    done = call("annotations", folder, "--format", form, "--out", out, *more)
    assert done.exit_code == 1, done.output
    (line,) = done.stderr.splitlines()
    return line


def test_the_command_knows_the_formats() -> None:
    assert tuple(FORMATS) == command.FORMATS


def near(marks: tuple[Mark, ...]) -> list[tuple[float, float, str]]:
    return [(round(mark.x, 3), round(mark.y, 3), mark.subtype) for mark in marks]


@pytest.mark.parametrize("form", ["asap", "imagescope"])
def test_our_readers_find_the_same_at_the_same_places(tmp_path: Path, form: str) -> None:
    folder = judged(tmp_path, unsure=False)
    # Into the folder of the slides, where the program looks for it.
    lines = annotations(folder, form, tmp_path, "--reviewer", "anna")
    assert lines == [f"P1.tif: {tmp_path / 'P1.xml'}"]
    shutil.rmtree(folder)
    dataset = read_dataset(tmp_path)
    assert dataset.layout == form
    (field,) = dataset.fields
    assert near(field.figures) == [(200, 400, ""), (600.25, 450.5, ""), (100, 80, "atypical")]
    assert near(field.lookalikes) == [(300, 200, ""), (500, 300, "")]
    assert field.spacing_um_px == 0.25
    done = call("data", "inspect", tmp_path)
    assert done.exit_code == 0, done.output
    assert "2 annotations over 50 um are left out" in done.output
    assert "1 Atypical mitotic figure (mitotic figures)" in done.output


@pytest.mark.parametrize("form", ["asap", "imagescope"])
def test_what_a_reader_is_unsure_of_is_no_label(tmp_path: Path, form: str) -> None:
    folder = judged(tmp_path)
    annotations(folder, form, tmp_path, "--reviewer", "anna")
    shutil.rmtree(folder)
    done = call("data", "inspect", tmp_path)
    assert done.exit_code == 1 and "Received: 'Unsure'" in done.stderr


def test_many_slides_lie_as_their_predictions_do(tmp_path: Path) -> None:
    folder = write_predicted(tmp_path, "S1.svs")
    write_predicted(tmp_path, "S2.svs")
    (tmp_path / "sub").mkdir()
    write_prediction(folder / "sub" / "S1.svs", tmp_path / "S1.svs")
    out = tmp_path / "drawn"
    annotations(folder, "omero", out)
    files = sorted(path.relative_to(out).as_posix() for path in out.rglob("*") if path.is_file())
    assert files == ["S1.svs.json", "S2.svs.json", "sub/S1.svs.json"]
    # One alone, without its slide, which is not needed.
    (tmp_path / "S2.svs").unlink()
    assert annotations(folder / "S2.svs", "omero", out / "one") == [
        f"S2.svs: {out / 'one' / 'S2.svs.json'}"
    ]
    assert (out / "one" / "S2.svs.json").read_bytes() == (out / "S2.svs.json").read_bytes()


def test_a_name_with_signs_that_xml_and_shells_know(tmp_path: Path) -> None:
    name = EVIL.replace("/", "")
    folder = write_predicted(tmp_path, name)
    for form in ("asap", "imagescope", "omero", "qupath"):
        annotations(folder, form, tmp_path / form)
    assert (tmp_path / "asap" / f"{name.removesuffix('.svs')}.xml").is_file()
    assert (tmp_path / "qupath" / f"{name}.geojson").is_file()


def test_qupath_gets_the_files_of_before_and_a_script(tmp_path: Path) -> None:
    folder = judged(tmp_path)
    said = write_prediction(folder / "P1.tif", tmp_path / "P1.tif")
    annotations(folder, "qupath", tmp_path / "out")
    assert (tmp_path / "out" / "P1.tif.geojson").read_bytes() == geojson(said)
    annotations(folder, "qupath", tmp_path / "out", "--reviewer", "anna")
    assert call("review", folder, "--reviewer", "anna", "--write").exit_code == 0
    of_review = (folder / "P1.tif" / "review.anna" / "figures.geojson").read_bytes()
    assert (tmp_path / "out" / "P1.tif.geojson").read_bytes() == of_review
    script = (tmp_path / "out" / "import_into_qupath.groovy").read_text("ascii")
    assert f"new File('{tmp_path / 'out'}')" in script


def test_a_slide_in_dicom(tmp_path: Path) -> None:
    path = scan(tmp_path / "slide")
    folder = tmp_path / "out"
    write_prediction(folder / "1.2.3.dcm", path)
    out = tmp_path / "drawn"
    slides = ("--slides", tmp_path / "slide")
    assert annotations(folder, "dicom", out, *slides) == [f"1.2.3.dcm: {out / '1.2.3.ann.dcm'}"]
    annotations(folder, "dicom", out, *slides)  # written by us, so it may be replaced
    read = pydicom.dcmread(out / "1.2.3.ann.dcm")
    assert read.ReferencedImageSequence[0].ReferencedSOPInstanceUID == "1.2.3.1"
    assert read.AnnotationGroupSequence[0].AnnotationGroupLabel == "Mitotic figure"
    line = refusal(folder, "dicom", tmp_path / "slide", *slides)
    assert "--out must not be the slide's folder" in line


def test_a_review_of_a_slide_in_dicom(tmp_path: Path) -> None:
    path = scan(tmp_path / "slide")
    folder = tmp_path / "out"
    write_prediction(folder / "1.2.3.dcm", path)
    (found,) = find_predicted(folder, tmp_path / "slide")
    assert found.slide is not None
    review = Review(found.slide, "änne")
    review.judge(1, "mitosis", False)
    review.limit([((0, 0), (639, 0), (639, 479)), ((0, 0), (639, 479), (300, 479), (0, 479))])
    slides = ("--slides", tmp_path / "slide")
    annotations(folder, "dicom", tmp_path, "--reviewer", "änne", *slides)
    read = pydicom.dcmread(tmp_path / "1.2.3.ann.dcm")
    assert read.ContentCreatorName.family_name == "änne"
    said = [
        (each.AnnotationGroupLabel, each.AnnotationGroupGenerationType, each.NumberOfAnnotations)
        for each in read.AnnotationGroupSequence
    ]
    assert said == [
        ("Mitotic figure", "SEMIAUTOMATIC", 1),
        ("Mitotic figure (model alone)", "AUTOMATIC", 1),
        ("Rejected (model alone)", "AUTOMATIC", 2),
        ("Counted region", "MANUAL", 2),
        ("Hotspot", "SEMIAUTOMATIC", 1),
        ("Ten high-power fields", "SEMIAUTOMATIC", 1),
    ]


def test_what_the_format_or_the_folder_does_not_allow(tmp_path: Path) -> None:
    folder = judged(tmp_path)
    out = tmp_path / "drawn"
    empty = tmp_path / "empty"
    empty.mkdir()
    assert "must hold what predict or watch wrote" in refusal(empty, "asap", out)
    assert "no such folder" in refusal(tmp_path / "nothing", "asap", out)
    assert refusal(folder, "asap", out, "--reviewer", "ben") == (
        f"Error: {folder}: no slide has a review by ben. There are reviews by anna"
    )
    assert "--reviewer must be" in refusal(folder, "asap", out, "--reviewer", "../x")
    assert "--format dicom needs a slide in DICOM" in refusal(folder, "dicom", out)
    assert not out.exists()


def test_a_slide_that_is_gone_is_said_and_the_others_are_written(tmp_path: Path) -> None:
    folder = judged(tmp_path)
    judged(tmp_path, "P2.tif")
    (tmp_path / "P1.tif").unlink()
    out = tmp_path / "drawn"
    line = refusal(folder, "asap", out, "--reviewer", "anna")
    assert "its slide was not found" in line
    assert [path.name for path in out.iterdir()] == ["P2.xml"]


def test_a_prediction_that_cannot_be_read_is_said(tmp_path: Path) -> None:
    folder = write_predicted(tmp_path, "S1.svs")
    write_predicted(tmp_path, "S2.svs")
    (folder / "S1.svs" / "prediction.json").write_text("{")
    assert "not a JSON file" in refusal(folder, "asap", tmp_path)
    assert (tmp_path / "S2.xml").is_file() and not (tmp_path / "S1.xml").exists()


def test_what_was_found_on_a_slide_before_it_changed_is_not_drawn(tmp_path: Path) -> None:
    folder = write_predicted(tmp_path, "S1.svs")
    write_predicted(tmp_path, "S2.svs")
    (folder / "S1.svs" / OUTDATED_FILE).write_text(OUTDATED)
    assert OUTDATED in refusal(folder, "asap", tmp_path)
    assert (tmp_path / "S2.xml").is_file() and not (tmp_path / "S1.xml").exists()


def test_two_slides_of_one_file(tmp_path: Path) -> None:
    folder = write_predicted(tmp_path, "S1.svs")
    write_predicted(tmp_path, "s1.tif")
    line = refusal(folder, "imagescope", tmp_path / "drawn")
    assert "Received: S1.svs and s1.tif" in line
    annotations(folder, "omero", tmp_path / "drawn")


def test_a_file_of_another_hand_stays(tmp_path: Path) -> None:
    folder = write_predicted(tmp_path, "S1.svs")
    annotations(folder, "asap", tmp_path)
    path = tmp_path / "S1.xml"
    first = path.read_bytes()
    path.write_bytes(b"")  # as an empty file of another program
    assert "must be a file that was written here" in refusal(folder, "asap", tmp_path)
    assert path.read_bytes() == b""
    saved = first.replace(b"<!-- written by mitokeras -->\n", b"")  # as ASAP saves it
    path.write_bytes(saved)
    assert "not saved by another program" in refusal(folder, "asap", tmp_path)
    assert path.read_bytes() == saved
    path.write_bytes(first)
    annotations(folder, "imagescope", tmp_path)
    assert b"MicronsPerPixel" in path.read_bytes()


def test_a_full_disk_leaves_the_file_of_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = write_predicted(tmp_path, "S1.svs")
    annotations(folder, "asap", tmp_path)
    first = (tmp_path / "S1.xml").read_bytes()

    def full(path: Path) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("mitokeras.disk.files.sync_file", full)
    assert "No space left on device" in refusal(folder, "imagescope", tmp_path)
    assert (tmp_path / "S1.xml").read_bytes() == first
    assert not list(tmp_path.glob(".*partial*"))


def test_without_highdicom_the_extra_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "highdicom", None)
    folder = write_predicted(tmp_path)
    assert refusal(folder, "dicom", tmp_path) == (
        "Error: --format dicom needs the 'dicom' extra. Install it: pip install 'mitokeras[dicom]'"
    )


@pytest.mark.parametrize("form", ["imagescope", "omero"])
def test_a_slide_laid_out_on_the_glass(tmp_path: Path, form: str) -> None:
    folder = write_predicted(tmp_path, "S1.svs")
    path = folder / "S1.svs" / "prediction.json"
    record = json.loads(path.read_text("utf-8"))
    record["prediction"]["image"]["scan_corner_px"] = [40, 30]
    with atomic_path(path) as partial:
        partial.write_text(json.dumps(record), "utf-8")
    line = refusal(folder, form, tmp_path)
    assert "S1.svs: its scanned area begins at (40, 30) of level 0" in line
    annotations(folder, "asap", tmp_path)
    assert 'X="100.5000" Y="80.5000"' in (tmp_path / "S1.xml").read_text("utf-8")
    annotations(folder, "qupath", tmp_path)
    features = json.loads((tmp_path / "S1.svs.geojson").read_text("ascii"))["features"]
    points = [each["geometry"] for each in features if each["geometry"]["type"] == "MultiPoint"]
    assert points[0]["coordinates"][0] == [60.5, 50.5]


def test_a_class_for_what_the_model_calls_atypical(tmp_path: Path) -> None:
    folder = write_predicted(tmp_path, atypical_scores=(0.9, 0.1))
    for form, name in (("asap", "S1.xml"), ("omero", "S1.svs.json"), ("qupath", "S1.svs.geojson")):
        annotations(folder, form, tmp_path / form, "--atypical-class")
        annotations(folder, form, tmp_path / f"plain {form}")
        assert "Atypical mitotic figure" in (tmp_path / form / name).read_text("utf-8")
        plain = (tmp_path / f"plain {form}" / name).read_text("utf-8")
        assert "Atypical mitotic figure" not in plain
    done = call(
        "annotations", folder, "--format", "asap", "--out", tmp_path / "x", "--atypical-class",
        "--reviewer", "anna",
    )  # fmt: skip
    assert done.exit_code == 2 and "without --reviewer" in done.stderr
