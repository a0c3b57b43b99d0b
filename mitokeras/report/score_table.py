"""Scores as text for a terminal."""

from __future__ import annotations

from mitokeras.report.numbers import listed_text
from mitokeras.score.scores import STAGE_NAMES, Gain, Rate, Scores, SubtypeScores


def format_report(scores: Scores) -> str:
    """The main figures as text."""
    given = scores.thresholds.model_dump() if scores.thresholds else {}
    thresholds = ", ".join(f"{name} {value:g}" for name, value in given.items())
    lines = [
        f"{scores.fields} fields, {scores.cases} cases, {scores.figures} mitotic figures",
        f"protocol {scores.protocol}: hit within {listed_text(scores.match_radius_um)} um; "
        f"spacing {listed_text(scores.spacing_um_px)} um/px; thresholds: {thresholds}",
        f"{'':12}{'TP':>6}{'FP':>6}{'FN':>6}{'precision':>11}{'recall':>8}{'F1':>8}"
        f"  95 % interval of F1 (by {scores.both.ci95_unit})",
    ]
    for stage, own in scores.by_stage().items():
        low, high = own.ci95.f1 or (None, None)
        lines.append(
            f"{STAGE_NAMES[stage]:12}{own.tp:6}{_count(own.fp):>6}{own.fn:6}"
            f"{_rate(own.precision):>11}{_rate(own.recall):>8}{_rate(own.f1):>8}"
            f"  {_rate(low)} to {_rate(high)}"
        )
    for source, part in scores.partly_labelled.items():
        lines.append(f"{source or 'fields'}, not all labelled: {_recall_text(part)}")
    for name, part in scores.every_subtype().items():
        lines.append(f"{name}: {_recall_text(part)}")
    if scores.subtyping is not None:
        lines.append(subtyping_text(scores.subtyping))
    return "\n".join(lines)


def subtyping_text(scores: SubtypeScores) -> str:
    """How well stage 3 tells atypical figures from normal ones."""
    rates = (("balanced accuracy", "balanced_accuracy"), ("AUROC", "auroc"),
             ("sensitivity", "sensitivity"), ("specificity", "specificity"))  # fmt: skip
    said = []
    for words, name in rates:
        low, high = getattr(scores.ci95, name) or (None, None)
        said.append(f"{words} {_rate(getattr(scores, name))} ({_rate(low)} to {_rate(high)})")
    return (
        f"stage 3 on {scores.atypical} atypical and {scores.normal} normal figures: "
        f"{', '.join(said)}; 95 % by {scores.ci95_unit}"
    )


def gain_text(gain: Gain) -> str:
    """What a fine-tuning has brought, in two sentences without the last full stop."""
    after = gain.after
    low, high = gain.ci95 or (None, None)
    plural = "" if after.fields == 1 else "s"
    return (
        f"F1 of both stages {_rate(gain.before.both.f1)} before ({gain.start}) and "
        f"{_rate(after.both.f1)} after, on the same {after.fields} field{plural}: a difference of "
        f"{_rate(gain.difference)} (95 % {_rate(low)} to {_rate(high)}, by "
        f"{after.both.ci95_unit}). So {gain.verdict}"
    )


def _recall_text(scores: Scores) -> str:
    recalls = (f"{STAGE_NAMES[s]} {_rate(own.recall)}" for s, own in scores.by_stage().items())
    return f"{scores.figures} mitotic figures, recall of {', of '.join(recalls)}"


def _rate(value: Rate) -> str:
    return "-" if value is None else f"{value:.3f}"


def _count(value: int | None) -> str:
    return "-" if value is None else str(value)
