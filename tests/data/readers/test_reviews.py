"""Reviewed predictions as a data set."""

from __future__ import annotations

from pathlib import Path

from mitokeras.data.fields import Field
from mitokeras.data.loading import load_field
from mitokeras.data.readers import read_dataset
from mitokeras.review.review import Review
from mitokeras.verdicts.finding import find_predicted
from tests.review.slides import write_predicted

LOWER_LEFT = ((150.0, 150.0), (150.0, 450.0), (350.0, 450.0), (350.0, 150.0))
"""Holds candidates 2 and 4 of `PLACES`."""


def review(out: Path, name: str = "anna", number: int = 0) -> Review:
    slide = find_predicted(out, None)[number].slide
    assert slide is not None
    return Review(slide, name)


def places(field: Field, kind: str) -> list[tuple[float, float]]:
    return [(mark.x, mark.y) for mark in getattr(field, kind)]


def test_verdicts_are_labels(tmp_path: Path) -> None:
    out = write_predicted(tmp_path)
    by = review(out)
    by.judge(1, "mitosis", atypical=True)
    by.judge(2, "not mitosis", atypical=False)
    by.judge(3, "unsure", atypical=False)
    by.add(50, 400)
    for folder in (out, out / "S1.svs"):
        dataset = read_dataset(folder)
        assert dataset.layout == "reviews"
        (field,) = dataset.fields
        assert (field.image, field.case) == (tmp_path / "S1.svs", "S1.svs")
        assert [(m.x, m.y, m.subtype) for m in field.figures] == [
            (100, 80, "atypical"),
            (50, 400, ""),
        ]
        assert places(field, "lookalikes") == [(300, 200)]
        assert places(field, "unsure") == [(500, 300)]
        assert not field.complete and field.labelled is None and field.window is None
        assert load_field(field).image.shape == (480, 640, 3)


def test_a_region_is_labelled_whole_once_all_in_it_is_judged(tmp_path: Path) -> None:
    out = write_predicted(tmp_path)
    by = review(out)
    by.limit([LOWER_LEFT])
    by.judge(2, "mitosis", atypical=False)
    (field,) = read_dataset(out).fields
    assert not field.complete and field.labelled is None
    by.judge(4, "not mitosis", atypical=False)
    (field,) = read_dataset(out).fields
    assert field.complete and field.labelled is not None
    assert field.labelled.bounds == (150, 150, 350, 450)
