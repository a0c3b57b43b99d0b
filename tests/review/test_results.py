"""The corrected results as files."""

from __future__ import annotations

import csv
import html
import io
import json
from pathlib import Path

import pytest
import shapely

from mitokeras.counting.atypical import Subtyping
from mitokeras.counting.kept import PREDICTION_FILE, read_kept
from mitokeras.counting.prediction import Suitability
from mitokeras.disk.files import write_json
from mitokeras.report.slide.words import warnings_of
from mitokeras.review.corrected import Corrected
from mitokeras.review.results.table import ATYPICAL_COLUMNS, COLUMNS, reviewed_table
from mitokeras.review.review import Review
from mitokeras.verdicts.finding import find_predicted
from mitokeras.verdicts.subject import PredictedSlide
from tests.report.pages import Page
from tests.review.slides import predicted
from tests.runs import call

NAMES = ["figures.csv", "figures.geojson", "points.json", "report.html", "review.json"]


@pytest.fixture
def slide(tmp_path: Path) -> PredictedSlide:
    slide = predicted(tmp_path)
    review = Review(slide, "anna")
    review.judge(1, "mitosis", True)
    review.judge(2, "not mitosis", False)
    review.judge(3, "unsure", False)
    review.add(600, 450)
    review.limit([((0, 0), (639, 0), (639, 479), (0, 479))])
    return slide


def write(slide: PredictedSlide) -> Path:
    done = call("review", slide.folder.parent, "--reviewer", "anna", "--write")
    assert done.exit_code == 0, done.output
    assert "2 mitotic figures; anna looked at 3 of 4 candidates" in done.output
    return slide.folder / "review.anna"


def test_they_lie_beside_the_model_s_own(slide: PredictedSlide) -> None:
    before = {path: path.read_bytes() for path in slide.folder.iterdir()}
    folder = write(slide)
    assert sorted(path.name for path in folder.iterdir()) == NAMES
    assert {path: path.read_bytes() for path in before} == before
    first = {path.name: path.read_bytes() for path in folder.iterdir()}
    write(slide)
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == first


def test_the_record(slide: PredictedSlide) -> None:
    content = json.loads((write(slide) / "review.json").read_text("utf-8"))
    corrected = Corrected.model_validate(content)
    assert (corrected.reviewer, corrected.prediction) == ("anna", slide.fingerprint)
    assert corrected.model_alone.figures == corrected.reviewed.figures == 2
    words = [(one.candidate, one.word, one.counted) for one in corrected.figures]
    assert words == [
        (1, "mitosis", True),
        (2, "not mitosis", False),
        (3, "unsure", False),
        (4, "not looked at", False),
        (None, "mitosis", True),
    ]


def test_the_table(slide: PredictedSlide) -> None:
    text = (write(slide) / "figures.csv").read_text("utf-8")
    rows = list(csv.DictReader(io.StringIO(text)))
    assert [row["verdict"] for row in rows] == [
        "mitosis", "not mitosis", "unsure", "not looked at", "mitosis",
    ]  # fmt: skip
    assert (rows[0]["x_um"], rows[0]["y_um"], rows[0]["model_score"]) == (
        "25.12",
        "20.12",
        "0.900000",
    )
    assert (rows[4]["candidate"], rows[4]["model_score"], rows[4]["added"]) == ("", "", "true")
    assert all("looked at 3 of 4 candidates" in row["reviewed"] for row in rows)


def test_no_text_of_the_table_is_a_formula(slide: PredictedSlide) -> None:
    content = json.loads((write(slide) / "review.json").read_text("utf-8"))
    content["image"]["name"] = "=1+1.svs"
    content["model"]["name"] = "x;@2"
    table = reviewed_table(Corrected.model_validate(content)).decode("utf-8")
    rows = list(csv.DictReader(io.StringIO(table, newline="")))
    assert {(row["image"], row["model"]) for row in rows} == {("'=1+1.svs", "x;'@2")}


def test_the_geojson(slide: PredictedSlide) -> None:
    content = json.loads((write(slide) / "figures.geojson").read_text("ascii"))
    features = {one["properties"]["classification"]["name"]: one for one in content["features"]}
    assert features["Atypical mitotic figure"]["geometry"]["coordinates"] == [[100.5, 80.5]]
    assert features["Mitotic figure"]["geometry"]["coordinates"] == [[600.5, 450.5]]
    assert features["Unsure"]["geometry"]["coordinates"] == [[500.5, 300.5]]
    assert features["Rejected (model alone)"]["geometry"]["coordinates"] == [[200.5, 400.5]]
    region = shapely.geometry.shape(features["Counted region"]["geometry"])
    assert region.equals(shapely.box(0.5, 0.5, 639.5, 479.5))
    assert content["mitokeras"]["count"]["figures"] == 2
    assert content["mitokeras"]["reviewer"] == "anna"


def test_the_points(slide: PredictedSlide) -> None:
    content = json.loads((write(slide) / "points.json").read_text("utf-8"))
    assert content["type"] == "Multiple points"
    assert content["points"][0] == {
        "name": "atypical mitotic figure", "point": [0.025, 0.02, 0.0],
    }  # fmt: skip
    assert [one["name"] for one in content["points"]] == [
        "atypical mitotic figure", "not a mitotic figure", "unsure", "rejected (model alone)",
        "mitotic figure",
    ]  # fmt: skip


def test_the_report(slide: PredictedSlide) -> None:
    page = Page((write(slide) / "report.html").read_text("utf-8"))
    rows = {row[0]: row[1:] for row in page.rows}
    assert rows[""] == ["Model, whole slide", "Model, region", "Reviewed by anna"]
    assert rows["Mitotic figures"] == ["2", "2", "2"]
    assert not page.open
    assert "3 of 4 looked at (75 %)" in page.text
    assert "Added by the reader (1)" in page.text
    assert "script" not in {tag for tag, _ in page.tags}


def test_a_folder_of_something_else_is_left_alone(slide: PredictedSlide) -> None:
    place = slide.folder / "review.anna"
    place.mkdir()
    (place / "thesis.txt").write_text("mine")
    done = call("review", slide.folder.parent, "--reviewer", "anna", "--write")
    assert done.exit_code == 1
    assert "thesis.txt" in done.output
    assert [path.name for path in place.iterdir()] == ["thesis.txt"]


def test_every_warning_of_the_prediction_reaches_every_file(tmp_path: Path) -> None:
    slide = predicted(tmp_path)
    kept = read_kept(slide.folder)
    ill = Suitability(learned_from=True, strange_stain=("the mean colour",), out_of_focus=0.6)
    said = kept.prediction
    blind = said.model.changed(subtyping=Subtyping(threshold=0.5, chosen="by hand"))
    count = said.count.changed(false=None, tissue_mm2=1.5, field_diameter_mm=0.4)
    said = said.changed(
        suitability=ill,
        model=blind,
        image=said.image.changed(unwritten_mm2=0.2),
        count=count.changed(hotspot_exceeds_tissue=True, ten_fields_exceed_tissue=False),
    )
    write_json(slide.folder / PREDICTION_FILE, kept.changed(prediction=said).to_json())
    Review(find_predicted(slide.folder.parent, None)[0].slide, "anna").judge(3, "unsure", False)
    done = call("review", slide.folder.parent, "--reviewer", "anna", "--write")
    assert done.exit_code == 0, done.output
    folder = slide.folder / "review.anna"
    warnings = warnings_of(said)
    assert len(warnings) == 7
    told = json.loads((folder / "figures.geojson").read_text("utf-8"))["mitokeras"]["warnings"]
    assert Corrected.model_validate_json((folder / "review.json").read_text()).suitability == ill
    table = (folder / "figures.csv").read_text("utf-8")
    page = (folder / "report.html").read_text("utf-8")
    for warning in warnings:
        if not warning.startswith("the tissue ("):  # the slide's own area is measured anew
            assert warning in told
            assert warning in table
            assert warning[1:40].replace("mm2", "mm²") in html.unescape(page)
    assert any(each.startswith("the tissue (") and "the hotspot" in each for each in told)


def test_stage_3_stands_beside_the_reader_s_own_mark(tmp_path: Path) -> None:
    slide = predicted(tmp_path, atypical_scores=(0.25, 0.75))
    review = Review(slide, "anna")
    review.judge(1, "mitosis", True)
    review.judge(2, "mitosis", False)
    assert call("review", slide.folder, "--reviewer", "anna", "--write").exit_code == 0
    folder = slide.folder / "review.anna"
    text = (folder / "figures.csv").read_text("utf-8")
    rows = list(csv.DictReader(io.StringIO(text)))
    assert list(rows[0]) == [*COLUMNS, *ATYPICAL_COLUMNS]
    assert [(row["atypical"], row["model_atypical_score"]) for row in rows] == [
        ("true", "0.250000"), ("false", "0.750000"), ("false", ""), ("false", ""),
    ]  # fmt: skip
    assert {row["atypical_threshold"] for row in rows} == {"0.5"}
    content = json.loads((folder / "figures.geojson").read_text("ascii"))
    assert content["mitokeras"]["atypical_scores"] == {"1": 0.25, "2": 0.75}
    classes = [one["properties"]["classification"]["name"] for one in content["features"]]
    assert classes[:2] == ["Mitotic figure", "Atypical mitotic figure"]
    page = " ".join(Page((folder / "report.html").read_text("utf-8")).text.split())
    assert "Atypical1 of the counted figures, by the reader" in page
    assert "Called atypical1 of 2 figures of the model, by its stage 3" in page
    assert "no. 1, model 0.90, atypical 0.25" in page


def test_without_a_stage_3_nothing_of_it_is_written(slide: PredictedSlide) -> None:
    folder = write(slide)
    assert (folder / "figures.csv").read_text("utf-8").splitlines()[0] == ",".join(COLUMNS)
    assert "atypical_score" not in (folder / "review.json").read_text("utf-8")
    assert "atypical_scores" not in (folder / "figures.geojson").read_text("ascii")
    assert "Called atypical" not in (folder / "report.html").read_text("utf-8")
