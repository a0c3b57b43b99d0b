import json

import pytest

from mitokeras.errors import ConfigError
from mitokeras.report.slide.outputs import DEFAULT_OUTPUTS, OUTPUTS, render
from tests.predictions import detection, prediction, slide


def test_each_output_is_one_file() -> None:
    on = slide()
    files = render(prediction((detection(),), on), on, list(OUTPUTS))
    assert list(files) == [
        "detections.csv",
        "detections.geojson",
        "detections_atypical.geojson",
        "points.json",
        "overlay.png",
        "report.html",
        "thumbnail.jpg",
    ]
    assert files["overlay.png"].startswith(b"\x89PNG")
    assert files["report.html"].startswith(b"<!DOCTYPE html>")
    assert json.loads(files["points.json"])["type"] == "Multiple points"


def test_a_class_that_existing_projects_do_not_know_is_asked_for() -> None:
    assert [name for name in OUTPUTS if name not in DEFAULT_OUTPUTS] == ["geojson-atypical"]
    on = slide()
    told = prediction((detection(),), on)
    both = render(told, on, ["geojson", "geojson-atypical"])
    assert both["detections.geojson"] == both["detections_atypical.geojson"]  # without a stage 3


def test_the_same_prediction_gives_the_same_bytes() -> None:
    on = slide()
    told = prediction((detection(), detection(300, 200, 0.2)), on)
    assert render(told, on, list(OUTPUTS)) == render(told, slide(), list(OUTPUTS))


def test_the_slide_is_read_no_more_than_needed() -> None:
    on = slide()
    told = prediction((detection(),), on)
    assert list(render(told, on, ["csv", "geojson", "grand-challenge"])) == [
        "detections.csv",
        "detections.geojson",
        "points.json",
    ]
    assert on.overviews == 0 and on.largest == 0
    render(told, on, ["overlay", "html"])
    assert on.overviews == 1


def test_an_unknown_output_is_named() -> None:
    on = slide()
    with pytest.raises(ConfigError, match=r"unknown output 'pdf'. Known: csv, geojson, geojson-"):
        render(prediction((), on), on, ["csv", "pdf"])
