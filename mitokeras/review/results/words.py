"""What the corrected outputs say in the same words."""

from __future__ import annotations

from mitokeras.counting.prediction import ImageFacts
from mitokeras.report.slide.atypical_words import subtyping_doubts
from mitokeras.report.slide.words import (
    UNMEASURED,
    doubts,
    smaller_tissue,
    spacing_overridden,
    spacing_text,
)
from mitokeras.review.corrected import Corrected, Figure


def kind_of(figure: Figure) -> str:
    """Say what a figure is, and by whose word."""
    if figure.word == "mitosis":
        return "Atypical mitotic figure" if figure.atypical else "Mitotic figure"
    if figure.word == "not mitosis":
        return "Not a mitotic figure"
    if figure.word == "unsure":
        return "Unsure"
    return "Mitotic figure (model alone)" if figure.model_accepted else "Rejected (model alone)"


def share_text(corrected: Corrected) -> str:
    """Say how much the reader has looked at."""
    share = corrected.share
    return (
        f"{corrected.reviewer} looked at {share.seen} of {share.candidates} candidates, "
        f"{share.accepted_seen} of the {share.accepted} that the model counts among them, and "
        f"added {share.added}"
    )


def caveats(corrected: Corrected) -> list[str]:
    """What must not be missed beside the corrected counts, a clause each."""
    share, image, count = corrected.share, corrected.image, corrected.reviewed
    found = [spacing_text(image)] if spacing_overridden(image) else []
    found += doubts(image, corrected.suitability)
    found += subtyping_doubts(corrected.model.subtyping)
    if count.false is None:
        found.append(UNMEASURED)
    if unseen := share.accepted - share.accepted_seen:
        found.append(
            f"{unseen} of the figures counted here {_were(unseen)} found by the model and not "
            "looked at by the reader"
        )
    if rejected := share.candidates - share.accepted - (share.seen - share.accepted_seen):
        plural = "" if rejected == 1 else "s"
        found.append(
            f"{rejected} candidate{plural} that the model rejected {_were(rejected)} not looked at"
        )
    if corrected.region:
        found.append(f"figures are counted in a drawn region only, {count.tissue_mm2:.2f} mm2")
    if unsure := sum(one.word == "unsure" and one.inside for one in corrected.figures):
        found.append(f"{unsure} of which the reader is unsure {_were(unsure)} not counted")
    if smaller := smaller_tissue(count):
        found.append(smaller)
    return found


def micrometres(figure: Figure, image: ImageFacts) -> tuple[float, float]:
    """A figure's place in um from the left and upper border of the image."""
    width_um, height_um = image.pixel_um
    return (figure.x + 0.5) * width_um, (figure.y + 0.5) * height_um


def _were(number: int) -> str:
    return "was" if number == 1 else "were"
