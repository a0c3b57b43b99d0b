"""Scores as text for a terminal."""

from __future__ import annotations

from typing import Any

STAGE_NAMES = {"segmenter": "stage 1", "both": "both stages"}


def format_report(report: dict[str, Any]) -> str:
    """The main figures of `evaluation_report` as text."""
    thresholds = ", ".join(f"{name} {value:.2f}" for name, value in report["thresholds"].items())
    lines = [
        f"{report['fields']} fields, {report['cases']} cases, {report['figures']} mitotic figures",
        f"protocol {report['protocol']}: hit within {_listed(report['match_radius_um'])} um; "
        f"spacing {_listed(report['spacing_um_px'])} um/px; thresholds: {thresholds}",
        f"{'':12}{'TP':>6}{'FP':>6}{'FN':>6}{'precision':>11}{'recall':>8}{'F1':>8}"
        f"  95 % interval of F1 (by {report['both']['ci95_unit']})",
    ]
    for stage, name in STAGE_NAMES.items():
        row = report[stage]
        low, high = row["ci95"]["f1"]
        lines.append(
            f"{name:12}{row['tp']:6}{row['fp']:6}{row['fn']:6}"
            f"{_rate(row['precision']):>11}{_rate(row['recall']):>8}{_rate(row['f1']):>8}"
            f"  {_rate(low)} to {_rate(high)}"
        )
    for source, part in report.get("partly_labelled", {}).items():
        recalls = (f"{n} {_rate(part[stage]['recall'])}" for stage, n in STAGE_NAMES.items())
        lines.append(
            f"{source}, not all labelled: {part['figures']} mitotic figures, recall of "
            f"{', of '.join(recalls)}"
        )
    return "\n".join(lines)


def _rate(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"


def _listed(value: float | list[float]) -> str:
    return ", ".join(f"{v:g}" for v in (value if isinstance(value, list) else [value]))
