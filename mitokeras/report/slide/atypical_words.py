"""What every output says of atypical figures, in the same words; none of it is clinical."""

from __future__ import annotations

from mitokeras.counting.atypical import Atypical, Estimate, Subtyping
from mitokeras.counting.prediction import Prediction


def share_text(estimate: Estimate) -> str:
    """A share and its interval, such as "20% (8 to 42%)"."""
    return f"{estimate.share:.0%} ({interval_text(estimate)})"


def interval_text(estimate: Estimate) -> str:
    return f"{100 * estimate.low:.0f} to {estimate.high:.0%}"


def called_text(atypical: Atypical) -> str:
    """Say how many figures are called atypical; empty where there is no figure."""
    if atypical.called is None:
        return ""
    are = "is" if atypical.figures == 1 else "are"
    plural = "" if atypical.of == 1 else "s"
    return (
        f"{atypical.figures} of {atypical.of} mitotic figure{plural} {are} called atypical: "
        f"{atypical.called.share:.0%} (95% interval {interval_text(atypical.called)})"
    )


def corrected_text(atypical: Atypical, subtyping: Subtyping) -> str:
    """Say which share gives so many with the measured errors; empty where that is not known."""
    if atypical.corrected is None:
        return ""
    return (
        f"with the errors that were measured (the model calls {errors_text(subtyping)} so) that is "
        f"what a true share of {share_text(atypical.corrected)} gives"
    )


def atypical_text(prediction: Prediction) -> str:
    """Say both; empty where the model does not tell, or there is no figure."""
    atypical, subtyping = prediction.atypical, prediction.model.subtyping
    if atypical is None or subtyping is None:
        return ""
    parts = (called_text(atypical), corrected_text(atypical, subtyping))
    return "; ".join(part for part in parts if part)


def errors_text(subtyping: Subtyping) -> str:
    """Say how much of either kind stage 3 calls atypical; empty where that was not measured."""
    if subtyping.sensitivity is None or subtyping.specificity is None:
        return ""
    false = 1 - subtyping.specificity
    return f"{subtyping.sensitivity:.0%} of atypical and {false:.0%} of normal figures"


def subtyping_doubts(subtyping: Subtyping | None, atypical: Atypical | None = None) -> list[str]:
    """Say why the number of atypical figures may mean little, a clause each.

    Args:
        subtyping: Of the model; None without a stage 3.
        atypical: What it says of a slide; None for the model alone.
    """
    if subtyping is None:
        return []
    if subtyping.sensitivity is None or subtyping.specificity is None:
        return ["how often the model is right about atypical figures was not measured"]
    if subtyping.sensitivity + subtyping.specificity <= 1:
        return [
            f"as measured, the model calls {errors_text(subtyping)} atypical, which tells nothing"
        ]
    if atypical is not None and atypical.called is not None and atypical.corrected is None:
        return [
            f"no true share gives {atypical.called.share:.0%} of figures called atypical with the "
            f"errors that were measured (the model calls {errors_text(subtyping)} so): they do not "
            "hold on this slide"
        ]
    return []
