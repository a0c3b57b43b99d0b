"""What every output says in the same words."""

from __future__ import annotations

from typing import NamedTuple

from mitokeras.counting.count import HOTSPOT_MM2, Count
from mitokeras.counting.prediction import ImageFacts, Prediction, Suitability
from mitokeras.report.numbers import about_text
from mitokeras.report.slide.atypical_words import subtyping_doubts
from mitokeras.slides.resolution import OVERRIDE

NOTICE = "Research software. Not a medical device."


def spacing_overridden(image: ImageFacts) -> bool:
    """Whether the user gave it in place of what the file says."""
    return image.spacing_source == OVERRIDE


def spacing_origin(image: ImageFacts) -> str:
    """Say where the spacing comes from."""
    return f"set by hand ({OVERRIDE})" if spacing_overridden(image) else image.spacing_source


def spacing_text(image: ImageFacts) -> str:
    """Say the spacing and where it comes from."""
    return f"spacing of {image.spacing_um_px:.6g} um per pixel, {spacing_origin(image)}"


def threshold_text(prediction: Prediction) -> str:
    """Say the threshold of stage 2 and the false figures that the model has at it."""
    rate = prediction.false_per_mm2
    false = "false figures not measured" if rate is None else f"{about_text(rate)} false per mm2"
    return f"classifier threshold {prediction.model.classifier_threshold:.4g} ({false})"


class Remarks(NamedTuple):
    """Say beside a count how many of it are expected to be false, where that was measured, and
    that a circle is larger than all the tissue.

    Attributes:
        figures: Beside all figures.
        hotspot: Beside those of the hotspot.
        ten_fields: Beside those of ten fields.
    """

    figures: str = ""
    hotspot: str = ""
    ten_fields: str = ""


def false_texts(count: Count) -> Remarks:
    """Say what is expected to be false."""
    false = count.false
    if false is None:
        return Remarks()
    numbers = (false.expected, false.hotspot.expected, false.ten_fields.expected)
    return Remarks(*(f"{about_text(number)} false expected" for number in numbers))


def remarks(count: Count) -> Remarks:
    """Say beside each count what it is worth."""
    exceeds = (False, count.hotspot_exceeds_tissue, count.ten_fields_exceed_tissue)
    texts = [
        "; ".join(["the tissue is smaller"] * large + [false] * bool(false))
        for large, false in zip(exceeds, false_texts(count), strict=True)
    ]
    return Remarks(*texts)


BLURRED_SHARE = 0.1
"""From this share of the tissue on it is said that some is out of focus."""


def _unwritten(image: ImageFacts) -> list[str]:
    """Say what of the tissue is not in the file at full resolution; nothing where all is."""
    if image.unwritten_mm2 is None:
        return []
    return [
        f"the file lacks {image.unwritten_mm2:.2f} mm2 of the tissue at full resolution: no figure "
        "was looked for there"
    ]


UNMEASURED = "the model's false figures were not measured at its thresholds"


def doubts(image: ImageFacts, suitability: Suitability) -> list[str]:
    """Say what a slide lacks and why the model may not suit it, a clause each; nothing where it is
    not known.
    """
    found = _unwritten(image)
    if suitability.learned_from:
        found.append(
            "the model has learned from tissue of this image: what it finds here says nothing "
            "about others"
        )
    if suitability.strange_stain:
        strange = ", ".join(suitability.strange_stain)
        found.append(
            f"the stain is beyond what the model has learned from ({strange}): figures may be "
            "missed, and false ones found"
        )
    blurred = suitability.out_of_focus
    if blurred is not None and blurred >= BLURRED_SHARE:
        found.append(f"{blurred:.0%} of the tissue is out of focus: figures may be missed there")
    return found


def slide_doubts(prediction: Prediction) -> list[str]:
    """Say the `doubts` about a slide, and why its number of atypical figures may mean little."""
    subtyping = subtyping_doubts(prediction.model.subtyping, prediction.atypical)
    return doubts(prediction.image, prediction.suitability) + subtyping


class Known(NamedTuple):
    """Say what is known about how the model suits a slide, whether good or bad.

    Attributes:
        learned_from: Whether it has learned from the image.
        stain: Whether it has learned from such stains.
        focus: How much is out of focus.
    """

    learned_from: str
    stain: str
    focus: str


def known(suitability: Suitability) -> Known:
    """Say it of each, so that what was not looked at is not taken for good."""
    learned, strange = suitability.learned_from, suitability.strange_stain
    blurred = suitability.out_of_focus
    return Known(
        "not known" if learned is None else "yes" if learned else "no such copy was recognised",
        "not known"
        if strange is None
        else f"beyond what it has learned from: {', '.join(strange)}"
        if strange
        else "within what it has learned from",
        "not known" if blurred is None else f"{blurred:.0%} of a sample of the tissue",
    )


def warnings_of(prediction: Prediction) -> list[str]:
    """What must not be missed beside any number of a slide, a clause each."""
    count, image = prediction.count, prediction.image
    found = []
    if spacing_overridden(image):
        found.append(spacing_text(image))
    found += slide_doubts(prediction)
    if count.false is None:
        found.append(UNMEASURED)
    if count.per_mm2 is None:
        found.append("no tissue was found")
    elif smaller := smaller_tissue(count):
        found.append(smaller)
    return found


def smaller_tissue(count: Count) -> str:
    """Say which circles are larger than the tissue; nothing where none is or no tissue."""
    small = [f"the hotspot of {HOTSPOT_MM2:g} mm2"] * count.hotspot_exceeds_tissue
    ten = f"ten fields of {count.field_diameter_mm:g} mm"
    small += [ten] * count.ten_fields_exceed_tissue
    if count.per_mm2 is None or not small:
        return ""
    return f"the tissue ({count.tissue_mm2:.2f} mm2) is smaller than {' and '.join(small)}"


def score_text(count: Count) -> str:
    """Say the mitotic score, or why there is none."""
    if count.score is not None:
        return f"mitotic score {count.score}"
    return f"no mitotic score: {count.no_score}"
