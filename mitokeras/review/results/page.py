"""The HTML page about a reviewed slide: model and reader side by side."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from typing import NamedTuple

import jinja2

from mitokeras.counting.count import HOTSPOT_MM2
from mitokeras.report.page import data_uri, jpeg, page_templates
from mitokeras.report.slide.overlay import LONGEST_PX
from mitokeras.report.slide.page import CROP_PX, CROP_UM
from mitokeras.report.slide.views import crop, whole_slide
from mitokeras.report.slide.words import spacing_origin
from mitokeras.review.corrected import Corrected, Figure
from mitokeras.review.results.picture import marked
from mitokeras.review.results.words import caveats, kind_of
from mitokeras.slides import Slide

MOST_CROPS = 60
"""In one gallery."""


class Cell(NamedTuple):
    """One crop of a gallery.

    Attributes:
        title: What it shows.
        source: The image, for the page.
        kind: What is said of it.
        score: Of the model; None for an added figure.
        atypical_score: Of its stage 3; None where it has none.
    """

    title: str
    source: str
    kind: str
    score: float | None
    atypical_score: float | None


class Gallery(NamedTuple):
    """Crops of one sort.

    Attributes:
        title: What they are.
        cells: At most `MOST_CROPS`.
        all: How many there are.
    """

    title: str
    cells: list[Cell]
    all: int


def reviewed_page(corrected: Corrected, slide: Slide) -> bytes:
    """Write the page: no script, no network, images inside.

    Args:
        corrected: All texts in it are escaped.
        slide: What it is about.

    Raises:
        DataError: The slide is damaged where it is read.
    """
    whole = whole_slide(slide, LONGEST_PX)
    text = (
        _templates()
        .get_template("reviewed_page.html.jinja")
        .render(
            corrected=corrected,
            share=corrected.share,
            image=corrected.image,
            columns=[
                ("Model, whole slide", corrected.whole),
                *([("Model, region", corrected.model_alone)] if corrected.region else []),
                (f"Reviewed by {corrected.reviewer}", corrected.reviewed),
            ],
            caveats=caveats(corrected),
            origin=spacing_origin(corrected.image),
            hotspot_mm2=HOTSPOT_MM2,
            whole=data_uri(jpeg(marked(whole, corrected))),
            galleries=_galleries(corrected, slide),
            atypical=sum(one.atypical and one.counted for one in corrected.figures),
            called_atypical=_called_atypical(corrected),
            crop_um=CROP_UM,
        )
    )
    return text.encode("utf-8")


def _called_atypical(corrected: Corrected) -> str:
    """Say what the model calls so in the region; empty where it does not tell."""
    if corrected.model.subtyping is None:
        return ""
    least = corrected.model.subtyping.threshold
    scores = [one.atypical_score for one in corrected.figures if one.inside]
    known = [score for score in scores if score is not None]
    return f"{sum(score >= least for score in known)} of {len(known)} figures of the model"


def _galleries(corrected: Corrected, slide: Slide) -> list[Gallery]:
    chosen: Sequence[tuple[str, Callable[[Figure], bool]]] = (
        ("Added by the reader", lambda one: one.candidate is None),
        ("Rejected by the model, a mitosis to the reader", _is_found_by_reader),
        ("Counted by the model, not by the reader", _is_refused),
        ("A mitosis to both", lambda one: one.model_accepted and one.word == "mitosis"),
        (
            "Counted by the model, not looked at by the reader",
            lambda one: one.model_accepted and one.word == "not looked at",
        ),
    )
    galleries = []
    for title, belongs in chosen:
        figures = [one for one in corrected.figures if one.inside and belongs(one)]
        if figures:
            cells = [_cell(one, slide) for one in figures[:MOST_CROPS]]
            galleries.append(Gallery(title, cells, len(figures)))
    return galleries


def _is_found_by_reader(one: Figure) -> bool:
    return one.candidate is not None and not one.model_accepted and one.word == "mitosis"


def _is_refused(one: Figure) -> bool:
    return one.model_accepted and one.word in ("not mitosis", "unsure")


def _cell(one: Figure, slide: Slide) -> Cell:
    title = "added" if one.candidate is None else f"no. {one.candidate}"
    picture = crop(slide, one.x, one.y, CROP_UM, CROP_PX)
    source = data_uri(jpeg(picture))
    return Cell(title, source, kind_of(one), one.model_score, one.atypical_score)


@cache
def _templates() -> jinja2.Environment:
    """The house look with the template beside this file."""
    house = page_templates()
    own = jinja2.PackageLoader("mitokeras", "review/results")
    loaders = [own, *([house.loader] if house.loader else [])]
    return house.overlay(loader=jinja2.ChoiceLoader(loaders))
