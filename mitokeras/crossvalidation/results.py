"""What a cross-validation leaves: finished runs, `crossvalidation.json` and a table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from mitokeras.crossvalidation.scoring import CrossValidation, Thresholds
from mitokeras.crossvalidation.workspace import RESULT_FILE, Workspace
from mitokeras.data.protocols import get_protocol
from mitokeras.data.store import Store
from mitokeras.disk.files import atomic_path, write_json
from mitokeras.report.numbers import interval_text, number_text
from mitokeras.report.score_table import STAGE_NAMES
from mitokeras.run.folder import RunFolder
from mitokeras.runners.keras import load_model
from mitokeras.score.evaluation import STAGES, ScoredField, evaluation_report
from mitokeras.train.record import stage_records, write_history
from mitokeras.train.results import close_run, draft_spec


def write_results(workspace: Workspace, store: Store, result: CrossValidation) -> None:
    """Close all runs, the final one with `crossvalidation.json`; `crossvalidation.md` is last."""
    for run, own, fields in zip(workspace.folds, result.of_fold, result.fields, strict=True):
        _close(workspace, store, run, own, fields)
    write_json(workspace.final.root / RESULT_FILE, result.as_json())
    _close(workspace, store, workspace.final, result.thresholds, ())
    with atomic_path(workspace.table_file) as partial:
        partial.write_text(table(result), encoding="utf-8")


def _close(
    workspace: Workspace,
    store: Store,
    run: RunFolder,
    thresholds: Thresholds,
    held_out: Sequence[ScoredField],
) -> None:
    if run.finished:
        return
    protocol = get_protocol(run.settings.config.detection.protocol)
    whose = "of all folds" if run is workspace.final else "of the other folds"
    chosen = (
        f"on the held-out fields {whose} by protocol {protocol.name}: the pair with the best F1 "
        "of both stages"
    )
    spec = draft_spec(run, store, thresholds.segmenter, chosen).model_copy(
        update={"classifier_threshold": thresholds.classifier}
    )
    report = evaluation_report(held_out, protocol, spec.thresholds) if held_out else None
    write_json(run.metrics_file, {"validation": None, "test": report})
    networks = {
        "segmenter": load_model(run.segmenter_file),
        "classifier": load_model(run.classifier_file),
    }
    stages, history = stage_records(run, networks)
    write_history(run.history_file, history)
    close_run(run, store, workspace.data(store, run), spec, stages)


def table(result: CrossValidation) -> str:
    """The scores in Markdown, a row for each stage, data set and case."""
    values = result.as_json()
    protocols = {report["protocol"] for report in result.reports.values()}
    lines = [
        f"{values['method']} Protocol {', '.join(protocols)}.",
        "",
        "| data | stage | figures | recall (95 %) | precision | F1 (95 %) | false / mm2 |",
        "|---|---|---|---|---|---|---|",
    ]
    for source, report in result.reports.items():
        for stage in STAGES:
            row = report[stage]
            lines.append(_row(source, stage, row))
            lines += [_row(case, stage, own) for case, own in row.get("per_case", {}).items()]
    lines += [
        "",
        f"With stage 1's threshold of all folds, {result.thresholds.segmenter:g}, and one of "
        "stage 2 for all of them:",
        "",
        "| threshold of stage 2 | false / mm2 | recall | recall where not all are labelled |",
        "|---|---|---|---|",
    ]
    for point in trade_off(result.curve):
        cells = (
            number_text(point["classifier_threshold"], 2),
            number_text(point["fp_per_mm2"], 1),
            number_text(point["recall"], 3),
            number_text(point["recall_partly_labelled"], 3),
        )
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def trade_off(
    curve: Sequence[Mapping[str, Any]], limits: Sequence[float] = (60, 30, 15, 10, 5)
) -> list[Mapping[str, Any]]:
    """Of the curve of a cross-validation, the lowest threshold within each limit.

    Args:
        curve: Of `CrossValidation`.
        limits: False positives per mm2, falling.
    """
    within = [next((p for p in curve if p["fp_per_mm2"] <= limit), None) for limit in limits]
    thresholds = {p["classifier_threshold"]: p for p in within if p is not None}
    return list(thresholds.values())


def _row(data: str, stage: str, row: dict[str, Any]) -> str:
    interval = row.get("ci95", {})
    cells = [data, STAGE_NAMES[stage], str(row["tp"] + row["fn"])]
    cells.append(_with_interval(row["recall"], interval.get("recall")))
    cells.append(number_text(row["precision"], 3))
    cells.append(_with_interval(row["f1"], interval.get("f1")))
    cells.append(number_text(row["fp_per_mm2"], 1))
    return f"| {' | '.join(cells)} |"


def _with_interval(value: float | None, interval: Any) -> str:
    text, bounds = number_text(value, 3), interval_text(interval)
    return f"{text} ({bounds})" if bounds else text
