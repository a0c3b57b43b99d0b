"""Export of a cross-validation: the final run, with thresholds and scores of the exported folds."""

from __future__ import annotations

import logging
from pathlib import Path

from mitokeras.crossvalidation.workspace import Workspace
from mitokeras.data.protocols import get_protocol
from mitokeras.detect.detector import FieldDetector
from mitokeras.detect.spec import DETECTOR_FILE, read_spec
from mitokeras.disk.files import write_json
from mitokeras.errors import ModelError
from mitokeras.export.bundle import Exported, export_run
from mitokeras.export.formats import get_format, target_folder
from mitokeras.runners.silence import silent_stderr
from mitokeras.score.folds import FoldScores, score_folds, sweep_fields
from mitokeras.score.subtypes import score_subtype_folds
from mitokeras.train.subtyping import judge_by_source

logger = logging.getLogger(__name__)


def export_folds(
    root: Path,
    out: Path,
    format: str,
    quantize: str = "none",
    card_notes: Path | None = None,
    with_weights: bool = False,
) -> Exported:
    """Export the final run of a cross-validation.

    Quantised networks shift probabilities, so the folds are exported alike (into `root/exports`,
    once), scored on what they have not seen, and choose the bundle's thresholds; each of them gets
    what the others have chosen.

    Args:
        root: Folder of the cross-validation.
        out: See `export_run`, as all further arguments.
        format: Format of the bundle.
        quantize: Quantisation of its networks.
        card_notes: More sections of its model card.
        with_weights: Whether it gets the final run's Keras files.

    Raises:
        ModelError: The cross-validation is not finished, or see `export_run`.
        ConfigError: See `export_run`.
        DataError: See `export_run`.
    """
    get_format(format, quantize, with_weights)
    target_folder(out, format)
    workspace = Workspace.open(root)
    if not all(run.finished for run in workspace.runs):
        raise ModelError(f"{root}: its cross-validation must be finished; call it again to go on")
    folds = None if quantize == "none" else _score(workspace, format, quantize)
    final = workspace.final.root
    return export_run(final, out, format, quantize, card_notes, folds, with_weights)


def _score(workspace: Workspace, format: str, quantize: str) -> FoldScores:
    config = workspace.settings.run.config
    exports = workspace.root / "exports" / f"{format}-{quantize}"
    bundles = [exports / run.root.name for run in workspace.folds]
    with workspace.store() as store:
        held_out, figures = [], []
        for run, bundle in zip(workspace.folds, bundles, strict=True):
            if not bundle.is_dir():
                logger.info("%s", run.root.name)
                export_run(run.root, bundle, format, quantize)
            with silent_stderr():
                detector = FieldDetector.load(bundle)
            logger.info("scoring %s on what it has not seen", run.root.name)
            fields = workspace.data(store, run).of("test")
            held_out.append(sweep_fields(fields, detector))
            if detector.subtyper is not None:
                figures.append(judge_by_source(fields, detector.subtyper, detector.spec.crop_px))
        protocol, limit = get_protocol(config.detection.protocol), config.detection.false_per_mm2
        scores = score_folds(held_out, protocol, limit, workspace.settings.method)
    if len(figures) == len(bundles):
        scores = scores.with_subtyping(score_subtype_folds(figures))
    of_folds = scores.subtyping.of_folds if scores.subtyping else [None] * len(bundles)
    found = zip(workspace.folds, bundles, scores.result.thresholds_of_folds, of_folds, strict=True)
    for run, bundle, thresholds, subtyping in found:
        chosen = f"{read_spec(run.root).thresholds_chosen}; anew for {quantize}"
        spec = read_spec(bundle).at(thresholds, chosen).changed(subtyping=subtyping)
        write_json(bundle / DETECTOR_FILE, spec.to_json())
    return scores
