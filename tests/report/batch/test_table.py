import csv
import io

from mitokeras.report.batch.row import Row
from mitokeras.report.batch.table import ATYPICAL_COLUMNS, COLUMNS, summary_table
from tests.predictions import MEASURED, OVERRIDE, detection, prediction, slide


def rows_of(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode("utf-8"), newline="")))


def test_a_slide_and_one_that_failed() -> None:
    found = prediction((detection(), detection(x=7.0)), slide(), tissue_mm2=2.5, false_per_mm2=0.5)
    rows = (Row("a/x.svs", found, report="a/x.svs/report.html"), Row("b.svs", failure="b.svs: cut"))
    done, failed = rows_of(summary_table(rows))
    assert (failed["slide"], failed["status"], failed["reason"]) == (
        "b.svs",
        "failed",
        "b.svs: cut",
    )
    assert {failed[name] for name in COLUMNS[3:]} == {""}
    assert {name: done[name] for name in COLUMNS if name != "no_score"} == {
        "slide": "a/x.svs",
        "status": "done",
        "reason": "",
        "figures": "2",
        "expected_false": "1.25",  # 0.5 * 2.5
        "tissue_mm2": "2.5000",
        "per_mm2": "0.8000",  # 2 / 2.5
        "hotspot_figures": "2",
        "ten_fields_figures": "2",
        "field_diameter_mm": "0.55",
        "mitotic_score": str(found.count.score or ""),
        "warnings": "",
        "spacing_um_px": "0.25",
        "spacing_source": "openslide.mpp-x",
        "model": "edge-tflite",
        "classifier_threshold": "0.5",
        "false_per_mm2": "0.5",
        "report": "a/x.svs/report.html",
    }


def test_warnings_stand_beside_the_numbers() -> None:
    found = prediction((), slide(), tissue_mm2=0.5, source=OVERRIDE, false_per_mm2=None)
    (row,) = rows_of(summary_table([Row("x.svs", found)]))
    assert row["warnings"] == (
        "spacing of 0.25 um per pixel, set by hand (--spacing-um-px); "
        "the model's false figures were not measured at its thresholds; "
        "the tissue (0.50 mm2) is smaller than the hotspot of 2 mm2 and ten fields of 0.55 mm"
    )
    assert row["expected_false"] == row["false_per_mm2"] == ""


def test_a_name_is_never_a_formula() -> None:
    (row,) = rows_of(summary_table([Row("=1+1.svs", failure="-x")]))
    assert (row["slide"], row["reason"]) == ("'=1+1.svs", "'-x")


def test_a_slide_whose_model_tells_atypical_figures_beside_one_whose_does_not() -> None:
    found = (detection(atypical_score=0.9), detection(atypical_score=0.8))
    told = prediction(found, slide(), subtyping=MEASURED)
    plain = prediction((detection(),), slide())
    rows = (Row("x.svs", told), Row("y.svs", plain), Row("z.svs", failure="z.svs: cut"))
    first, second, third = rows_of(summary_table(rows))
    assert list(first) == [*COLUMNS, *ATYPICAL_COLUMNS]
    # 2 of 2 by Wilson: from 1 / (1 + 1.96^2 / 2); less the errors: (.34238 - .15) / .6.
    assert [first[name] for name in ATYPICAL_COLUMNS] == [
        "2", "1.0000", "0.3424", "1.0000", "1.0000", "0.3207", "1.0000",
    ]  # fmt: skip
    assert {row[name] for row in (second, third) for name in ATYPICAL_COLUMNS} == {""}
