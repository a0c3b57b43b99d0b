"""What a cross-validation leaves: finished runs, `crossvalidation.json` and a table."""

from __future__ import annotations

from collections.abc import Sequence

from mitokeras.counting.atypical import Subtyping
from mitokeras.crossvalidation.workspace import Workspace
from mitokeras.data.store import Store
from mitokeras.detect.curve import RESULT_FILE
from mitokeras.detect.spec import Thresholds
from mitokeras.disk.files import atomic_path, write_json
from mitokeras.report.numbers import interval_text, number_text
from mitokeras.run.folder import RunFolder
from mitokeras.runners.keras import load_model
from mitokeras.score.crossvalidation import CrossValidation, trade_off
from mitokeras.score.evaluation import score_fields
from mitokeras.score.folds import FoldScores
from mitokeras.score.scored_field import ScoredField
from mitokeras.score.scores import STAGE_NAMES, CaseScores, Interval, Intervals, Metrics
from mitokeras.score.thresholds import pair_text
from mitokeras.train.driver import Training
from mitokeras.train.record import close_run, read_history, stage_records, write_history
from mitokeras.train.subtyping import with_subtyper


def write_results(workspace: Workspace, store: Store, scores: FoldScores) -> None:
    """Close all runs, the final one with `crossvalidation.json`; `crossvalidation.md` is last.

    Args:
        workspace: All runs are trained.
        store: All fields.
        scores: What the folds gave.
    """
    result, stage_3 = scores.result, scores.subtyping
    of_folds = stage_3.of_folds if stage_3 else [None] * len(workspace.folds)
    folds = zip(workspace.folds, result.thresholds_of_folds, scores.fields, of_folds, strict=True)
    for run, thresholds, held_out, subtyping in folds:
        _close(workspace, store, run, thresholds, held_out, subtyping)
    write_json(workspace.final.root / RESULT_FILE, result.to_json())
    of_final = stage_3.subtyping if stage_3 else None
    _close(workspace, store, workspace.final, scores.thresholds, (), of_final)
    with atomic_path(workspace.table_file) as partial:
        partial.write_text(table(scores), encoding="utf-8")


def _close(
    workspace: Workspace,
    store: Store,
    run: RunFolder,
    thresholds: Thresholds,
    held_out: Sequence[ScoredField],
    subtyping: Subtyping | None,
) -> None:
    if run.finished:
        return
    training = Training(run, workspace.data(store, run))
    whose = "of all folds" if run is workspace.final else "of the other folds"
    chosen = (
        f"on the held-out fields {whose} by protocol {training.protocol.name}: "
        f"{pair_text(training.config.detection.false_per_mm2)}"
    )
    networks = {
        "segmenter": load_model(run.segmenter_file),
        "classifier": load_model(run.classifier_file),
    }
    spec = training.detector(**networks, thresholds=thresholds, chosen=chosen).spec
    if subtyping is not None:
        networks["subtyper"] = load_model(run.subtyper_file)
        spec = with_subtyper(spec, run, subtyping)
    scores = score_fields(held_out, training.protocol, thresholds) if held_out else None
    write_json(run.metrics_file, Metrics(validation=None, test=scores).to_json())
    write_history(run.history_file, read_history(training))
    close_run(training, spec, stage_records(training, networks))


def table(scores: FoldScores) -> str:
    """The scores in Markdown, a row for each stage, data set and case."""
    result = scores.result
    protocols = {own.protocol for own in result.sources.values()}
    lines = [
        f"{result.method} Protocol {', '.join(protocols)}.",
        "",
        "| data | stage | figures | recall (95 %) | precision | F1 (95 %) | false / mm2 |",
        "|---|---|---|---|---|---|---|",
    ]
    for source, own in result.sources.items():
        for stage, row in own.by_stage().items():
            lines.append(_row(source, stage, row, row.ci95))
            lines += [_row(case, stage, part) for case, part in row.per_case.items()]
    for source, own in result.sources.items():
        lines += [
            _row(f"{source}, {name}", stage, row, row.ci95)
            for name, part in own.every_subtype().items()
            for stage, row in part.by_stage().items()
        ]
    lines += [
        "",
        f"With stage 1's threshold of all folds, {scores.thresholds.segmenter:g}, and one of "
        "stage 2 for all of them:",
        "",
        "| threshold of stage 2 | false / mm2 | recall | recall where not all are labelled |",
        "|---|---|---|---|",
    ]
    for point in trade_off(result.curve):
        cells = (
            number_text(point.classifier_threshold, 2),
            number_text(point.fp_per_mm2, 1),
            number_text(point.recall, 3),
            number_text(point.recall_partly_labelled, 3),
        )
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join([*lines, *_subtypes(result)]) + "\n"


def _subtypes(result: CrossValidation) -> list[str]:
    if not result.subtyping:
        return []
    lines = [
        "",
        "Stage 3, atypical or normal, on figures about their labelled centres, at thresholds of "
        "the other folds (95 %):",
        "",
        "| data | normal | atypical | balanced accuracy | AUROC | sensitivity | specificity |",
        "|---|---|---|---|---|---|---|",
    ]
    for source, own in result.subtyping.items():
        rates = [
            _with_interval(getattr(own, name), getattr(own.ci95, name))
            for name in ("balanced_accuracy", "auroc", "sensitivity", "specificity")
        ]
        lines.append(f"| {' | '.join([source, str(own.normal), str(own.atypical), *rates])} |")
    return lines


def _row(data: str, stage: str, row: CaseScores, ci95: Intervals | None = None) -> str:
    ci95 = ci95 or Intervals()
    cells = (
        data,
        STAGE_NAMES[stage],
        str(row.tp + row.fn),
        _with_interval(row.recall, ci95.recall),
        number_text(row.precision, 3),
        _with_interval(row.f1, ci95.f1),
        number_text(row.fp_per_mm2, 1),
    )
    return f"| {' | '.join(cells)} |"


def _with_interval(value: float | None, interval: Interval) -> str:
    text, bounds = number_text(value, 3), interval_text(interval)
    return f"{text} ({bounds})" if bounds else text
