"""How many of a slide's mitotic figures are atypical, and how sure that is."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from mitokeras.disk.records import Record

Subtype = Literal["", "normal", "atypical"]
"""Of a mitotic figure; empty where nobody has said."""

SUBTYPES: tuple[Subtype, ...] = ("normal", "atypical")

Share = Annotated[float, Field(ge=0, le=1)]


class Subtyping(Record):
    """How stage 3 calls a mitotic figure atypical, and how often it is right.

    Attributes:
        threshold: A figure is atypical at this probability or more.
        chosen: How the threshold was chosen, and on what.
        sensitivity: Share of atypical figures called so, measured on cases that stage 3 had not
            seen; None where it was not measured.
        specificity: Share of normal figures not called so; likewise.
    """

    threshold: Share
    chosen: str
    sensitivity: Share | None = None
    specificity: Share | None = None


class Estimate(Record):
    """A share with its 95 % interval.

    Attributes:
        share: 0 to 1.
        low: Lower end.
        high: Upper end.
    """

    share: Share
    low: Share
    high: Share


class Atypical(Record):
    """What stage 3 says about a slide's accepted figures.

    Attributes:
        figures: Those that it calls atypical.
        of: Accepted figures.
        called: The share of them, with the interval that their number leaves; None without any.
        corrected: The share that would be called so often by a stage 3 that errs as it was
            measured to; None where that was not measured, where it calls normal figures atypical no
            less often than atypical ones, and where no share is called so often or so rarely.
    """

    figures: int
    of: int
    called: Estimate | None
    corrected: Estimate | None


def atypical_share(figures: int, of: int, subtyping: Subtyping) -> Atypical:
    """Count the atypical figures.

    The corrected share is the estimate of Rogan and Gladen (1978, Am. J. Epidemiol. 107: 71-76);
    its interval holds the chance of this slide's few figures alone: that of the measured errors,
    which differ from laboratory to laboratory, is not in it.

    Args:
        figures: Accepted figures that stage 3 calls atypical.
        of: All accepted figures.
        subtyping: Of the model.
    """
    called = _wilson(figures, of) if of else None
    corrected = None
    if called is not None:
        corrected = _corrected(called, subtyping.sensitivity, subtyping.specificity)
    return Atypical(figures=figures, of=of, called=called, corrected=corrected)


def _wilson(figures: int, of: int) -> Estimate:
    from scipy.stats import binomtest  # takes as long to import as all the rest

    interval = binomtest(figures, of).proportion_ci(0.95, method="wilson")
    return _estimate(figures / of, interval.low, interval.high)


def _corrected(
    called: Estimate, sensitivity: float | None, specificity: float | None
) -> Estimate | None:
    if sensitivity is None or specificity is None or sensitivity + specificity <= 1:
        return None
    gain, false = sensitivity + specificity - 1, 1 - specificity
    if called.high <= false or called.low >= sensitivity:
        return None
    return _estimate(*((share - false) / gain for share in (called.share, called.low, called.high)))


def _estimate(share: float, low: float, high: float) -> Estimate:
    share, low, high = (round(min(max(each, 0.0), 1.0), 4) for each in (share, low, high))
    return Estimate(share=share, low=low, high=high)
