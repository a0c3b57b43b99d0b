import csv
import io

import pytest

from mitokeras.report.slide.table import ATYPICAL_COLUMNS, COLUMNS, prediction_table
from tests.predictions import EVIL, MEASURED, OVERRIDE, detection, prediction, slide


def rows_of(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode("utf-8"), newline="")))


def test_each_candidate_has_a_row_with_units() -> None:
    found = (detection(), detection(x=7.25, y=3.0, score=0.125))
    first, second = rows_of(prediction_table(prediction(found, slide())))
    assert first["accepted"] == "true"
    assert second == {
        "image": "slide.svs",
        "candidate": "2",
        "x_px": "7.25",
        "y_px": "3.00",
        "x_um": "1.94",  # (7.25 + 0.5) * 0.25
        "y_um": "0.88",  # (3 + 0.5) * 0.25
        "area_um2": "32.00",  # 2 * (16 * 0.25)^2
        "segmenter_score": "0.750000",
        "classifier_score": "0.125000",
        "accepted": "false",
        "spacing_um_px": "0.25",
        "spacing_source": "openslide.mpp-x",
        "model": "edge-tflite",
        "classifier_threshold": "0.5",
        "false_per_mm2": "0.01",
        "warnings": "",
    }


def test_no_candidate_leaves_the_names() -> None:
    content = prediction_table(prediction((), slide()))
    assert content.decode() == ",".join(COLUMNS) + "\n"


def test_an_override_stands_in_each_row() -> None:
    (row,) = rows_of(prediction_table(prediction((detection(),), slide(), source=OVERRIDE)))
    assert row["spacing_source"] == "set by hand (--spacing-um-px)"


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", *"\uff1d\uff0b\uff0d\uff20"])
def test_a_name_is_never_a_formula(start: str) -> None:
    name = f"{start}cmd|' /C calc'!A0.svs"
    (row,) = rows_of(prediction_table(prediction((detection(),), slide(), name=name)))
    assert row["image"] == f"'{name}"


@pytest.mark.parametrize("sign", "=+-@\uff1d")
def test_no_part_of_a_name_is_a_formula_where_semicolons_part_cells(sign: str) -> None:
    name = f"x;{sign}1+1;{sign}2.png"
    (row,) = rows_of(prediction_table(prediction((detection(),), slide(), name=name)))
    assert row["image"] == f"x;'{sign}1+1;'{sign}2.png"


@pytest.mark.parametrize(
    "name",
    [
        "S1 [x=0,y=-5].png",
        "a; b - 2.svs",
        "a-b+c@d=e.png",
        EVIL,
        'comma, "quote".svs',
        "two\nlines.svs",
    ],
)
def test_names_come_back_as_they_were(name: str) -> None:
    (row,) = rows_of(prediction_table(prediction((detection(),), slide(), name=name)))
    assert row["image"] == name


def test_a_rate_that_was_not_measured_is_empty() -> None:
    told = prediction((detection(),), slide(), false_per_mm2=None)
    assert rows_of(prediction_table(told))[0]["false_per_mm2"] == ""


def test_each_axis_has_its_own_spacing() -> None:
    far = detection(x=39_999.5, y=39_999.5)  # 10 mm at 0.25 um
    (row,) = rows_of(prediction_table(prediction((far,), slide(spacing_um_px=(0.25, 0.252)))))
    assert (row["x_um"], row["y_um"]) == ("10000.00", "10080.00")
    assert row["spacing_um_px"] == "0.251"


def test_what_stage_3_says_stands_behind_all_else() -> None:
    found = (detection(atypical_score=0.625), detection(atypical_score=0.25), detection(score=0.1))
    rows = rows_of(prediction_table(prediction(found, slide(), subtyping=MEASURED)))
    assert list(rows[0]) == [*COLUMNS, *ATYPICAL_COLUMNS]
    assert [tuple(row[name] for name in ATYPICAL_COLUMNS) for row in rows] == [
        ("0.625000", "atypical", "0.5"),
        ("0.250000", "normal", "0.5"),
        ("", "", "0.5"),
    ]
