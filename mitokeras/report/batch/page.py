"""The page of an output folder, from which each slide's own is a click away."""

from __future__ import annotations

import os
from collections.abc import Sequence
from urllib.parse import quote

from mitokeras.report.batch.row import Row
from mitokeras.report.page import page_templates
from mitokeras.report.slide.atypical_words import interval_text
from mitokeras.report.slide.words import false_texts, warnings_of


def index_page(rows: Sequence[Row]) -> bytes:
    """Write the page: no script, no network; it shows the pictures that lie beside it.

    Args:
        rows: The slides, in the order in which they are shown. All texts in them are escaped.
    """
    text = (
        page_templates()
        .get_template("batch/index.html.jinja")
        .render(
            rows=rows,
            failed=sum(row.prediction is None for row in rows),
            figures=sum(row.prediction.count.figures for row in rows if row.prediction),
            tissue_mm2=sum(row.prediction.count.tissue_mm2 for row in rows if row.prediction),
            models=sorted({row.prediction.model.name for row in rows if row.prediction}),
            expected=false_texts,
            warnings_of=warnings_of,
            has_atypical=any(row.prediction and row.prediction.atypical for row in rows),
            atypical_interval=interval_text,
            address=lambda path: quote(os.fsencode(path)),
        )
    )
    return text.encode("utf-8")
