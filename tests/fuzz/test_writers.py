"""Whatever a slide or model is called, outputs stay what they are: JSON, a table, a page.

Names go through `printable` before, as in `mitokeras.predict.detection`.
"""

from __future__ import annotations

import csv
import io
import json
import re

from hypothesis import given, settings
from hypothesis import strategies as st

from mitokeras.counting.prediction import Prediction
from mitokeras.report.slide.outputs import render
from mitokeras.text import printable
from tests.predictions import detection, prediction, slide
from tests.report.pages import Page

HOSTILE = ("<script>", "</title>", "<img src=x onerror=a()>", "{{ 7*7 }}", "{% raw %}", "&", '"',
           "'", "=cmd|' /C calc'!A0", "@a", "\n", "\r", "\0", "\u2028", "\x1b[2J", "\U0001f600",
           "\u202e", "\udcff", "-->", "]]>")  # fmt: skip
NAMES = st.lists(
    st.sampled_from(HOSTILE) | st.text(max_size=10),
    min_size=1,
    max_size=6,
).map(lambda parts: printable("".join(parts)))
SLIDE = slide(64, 48)
IN_THE_PAGE = re.compile(r"#[a-z]+(-\d+)?")
FOUND = (detection(20, 20, 0.9, 8), detection(40, 30, 0.2, 8))


def named(name: str, source: str, model: str) -> Prediction:
    told = prediction(FOUND, SLIDE, name=name, source=source)
    image = told.image.model_copy(update={"format": source})
    facts = told.model.model_copy(update={"name": model})
    return told.model_copy(update={"image": image, "model": facts})


@settings(max_examples=60, deadline=None)
@given(NAMES, NAMES, NAMES)
def test_json_and_tables_keep_every_name(name: str, source: str, model: str) -> None:
    files = render(named(name, source, model), SLIDE, ("geojson", "grand-challenge", "csv"))
    about = json.loads(files["detections.geojson"])
    assert (about["mitokeras"]["image"]["name"], about["mitokeras"]["model"]["name"]) == (
        name,
        model,
    )
    kinds = [feature["properties"]["objectType"] for feature in about["features"]]
    assert kinds.count("detection") == 2
    json.loads(files["points.json"])
    text = files["detections.csv"].decode("utf-8")
    rows = list(csv.reader(io.StringIO(text, newline="")))
    assert [len(row) for row in rows] == [len(rows[0])] * 3
    for row in rows[1:]:
        assert row[0].removeprefix("'") == name.removeprefix("'")
        assert not any(cell.startswith(("=", "@", "\t", "\r", "\n")) for cell in row)


@settings(max_examples=25, deadline=None)
@given(NAMES, NAMES, NAMES)
def test_a_page_has_no_other_tags(name: str, source: str, model: str) -> None:
    def tags(told: Prediction) -> list[str]:
        page = render(told, SLIDE, ("html",))["report.html"].decode("utf-8")
        read = Page(page)
        assert read.open == []
        assert all(
            value is None or value.startswith("data:image/") or IN_THE_PAGE.fullmatch(value)
            for _, attributes in read.tags
            for key, value in attributes.items()
            if key in ("src", "href", "srcset")
        )
        assert not any(key.startswith("on") for _, found in read.tags for key in found)
        return [tag for tag, _ in read.tags]

    assert tags(named(name, source, model)) == tags(named("a", "b", "c"))
