import json

from mitokeras.report.slide.grand_challenge import multiple_points
from tests.predictions import EVIL, OVERRIDE, detection, prediction, slide


def test_points_are_in_mm_and_those_below_the_threshold_are_kept() -> None:
    found = (detection(), detection(x=12.0, y=8.0, score=0.25))
    told = prediction(found, slide(spacing_um_px=0.5), name=EVIL)
    record = json.loads(multiple_points(told))
    # The platform's schema allows these keys alone.
    assert set(record) == {"name", "type", "points", "version"}
    assert record["type"] == "Multiple points"
    assert record["version"] == {"major": 1, "minor": 0}
    assert record["points"] == [
        {"name": "mitotic figure", "point": [0.05, 0.04, 0.0], "probability": 0.9},
        {"name": "non-mitotic figure", "point": [0.006, 0.004, 0.0], "probability": 0.25},
    ]


def test_no_candidate_is_an_empty_list() -> None:
    assert json.loads(multiple_points(prediction((), slide())))["points"] == []


def test_the_name_records_an_override() -> None:
    record = json.loads(multiple_points(prediction((), slide(), source=OVERRIDE)))
    assert record["name"] == "mitotic figures, 0.25 um per pixel, set by hand (--spacing-um-px)"


def test_each_axis_has_its_own_spacing() -> None:
    far = detection(x=40_000.0, y=40_000.0)  # 10 mm at 0.25 um
    record = json.loads(multiple_points(prediction((far,), slide(spacing_um_px=(0.25, 0.252)))))
    assert record["points"][0]["point"] == [10.0, 10.08, 0.0]
