from mitokeras.report.batch.page import index_page
from mitokeras.report.batch.row import Row
from tests.predictions import EVIL, MEASURED, detection, prediction, slide
from tests.report.pages import Page


def test_each_slide_has_a_row_with_a_link_and_its_picture() -> None:
    found = prediction((detection(),), slide(), tissue_mm2=0.5)
    rows = [
        Row("a b#1.svs", found, report="a b#1.svs/report.html", thumbnail="a b#1.svs/t.jpg"),
        Row(EVIL, failure=f"{EVIL}: cut off"),
        Row("c.svs", found),
    ]
    page = Page(index_page(rows).decode("utf-8"))
    assert [tag[1]["href"] for tag in page.tags if tag[0] == "a"] == [
        "summary.csv",
        "a%20b%231.svs/report.html",
    ]
    assert [tag[1]["src"] for tag in page.tags if tag[0] == "img"] == ["a%20b%231.svs/t.jpg"]
    assert "script" not in [name for name, _ in page.tags]
    text = " ".join(page.text.split())
    assert "3 slides, 1 of them failed; 2 mitotic figures in 1.00 mm\u00b2 of tissue." in text
    assert f"{EVIL}: cut off" in text
    assert text.count("The tissue (0.50 mm\u00b2) is smaller than the hotspot") == 2


def test_no_slide_is_no_error() -> None:
    assert "0 slides;" in index_page([]).decode("utf-8")


def test_atypical_figures_have_a_column_where_a_model_tells_them() -> None:
    plain = prediction((detection(),), slide())
    assert "atypical" not in index_page([Row("y.svs", plain)]).decode("utf-8")
    told = prediction((detection(atypical_score=0.9),), slide(), subtyping=MEASURED)
    rows = Page(index_page([Row("x.svs", told), Row("y.svs", plain)]).decode("utf-8")).rows
    assert [row[3] for row in rows] == ["Calledatypical", "1100% (95%: 21 to 100%)", "\u2013"]
