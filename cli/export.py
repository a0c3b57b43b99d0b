"""`mitokeras export`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from mitokeras.cli.options import DATA_FOLDER, import_training_packages
from mitokeras.cli.terminal import say

if TYPE_CHECKING:
    from mitokeras.export.bundle import Exported

PACKAGES = (
    "tensorflow",
    "jinja2",
    "yaml",
    "flatbuffers",
    "tf2onnx",
    "onnxruntime",
    "tensorflow_serving",
)


@click.command("export")
@click.argument("run", type=DATA_FOLDER)
@click.option("--format", required=True, type=click.Choice(["tflite", "onnx", "savedmodel"]),
              help="Format of the model files.")  # fmt: skip
@click.option("--out", required=True, type=DATA_FOLDER,
              help="New or empty folder; savedmodel: base path of TF Serving.")  # fmt: skip
@click.option("--quantize", default="none", show_default=True,
              type=click.Choice(["none", "float16", "dynamic", "int8"]),
              help="Type of the weights, or (int8) of nearly everything; tflite only.")  # fmt: skip
@click.option("--card-notes", type=click.Path(path_type=Path, exists=True, dir_okay=False),
              help="Markdown file with more sections of the model card.")  # fmt: skip
@click.option("--with-weights", is_flag=True,
              help="Also the Keras files and the configuration, for fit --start.")  # fmt: skip
def command(
    run: Path, format: str, out: Path, quantize: str, card_notes: Path | None, with_weights: bool
) -> None:
    """Turn a finished RUN, or a finished cross-validation, into files that other systems take.

    The bundle holds both models, detector.json, parity.json (what was measured against the Keras
    models) and MODEL_CARD.md. Without --quantize, one that does not compute the same is refused.
    Pictures that the card's notes show, beside them or in folders there, go into the bundle.
    """
    from mitokeras.export.formats import get_format, target_folder

    get_format(format, quantize, with_weights)
    target_folder(out, format)
    import_training_packages("mitokeras export", *PACKAGES)
    from mitokeras.crossvalidation.workspace import Workspace
    from mitokeras.export.bundle import export_run
    from mitokeras.export.folds import export_folds

    export = export_folds if Workspace.lies_in(run) else export_run
    exported = export(run, out, format, quantize, card_notes=card_notes, with_weights=with_weights)
    say(_summary(exported))
    _warn(exported)


def _summary(exported: Exported) -> str:
    parity = exported.parity
    lines = [f"{'file':24}{'bytes':>14}"]
    lines += [f"{name:24}{size:14,}" for name, size in exported.files.items()]
    lines.append(f"{'':24}{'max diff.':>14}{'mean diff.':>12}{'per million off':>17}")
    for role, network in parity.networks.items():
        lines.append(
            f"{role:24}{network.max_difference:14.2e}{network.mean_difference:12.2e}"
            f"{network.mismatches_per_million:17.0f}"
        )
    for name, facts in parity.files.items():
        if facts.operators is not None:
            outside = ", ".join(facts.outside_xnnpack or ()) or "none"
            lines.append(
                f"{name}: {len(facts.operators)} kinds of operators, all built into TFLite; "
                f"outside of XNNPACK: {outside}"
            )
    titled = (("candidates", parity.detections), ("signature detect", parity.detect_signature))
    for title, found in titled:
        if found is not None:
            lines.append(
                f"{title}: {found.paired_within_1_px} of {found.keras} within 1 px and with "
                f"the same verdict, {found.artefact} found, on {found.fields} fields"
            )
    return "\n".join([*lines, f"Bundle: {exported.folder}"])


def _warn(exported: Exported) -> None:
    """The F1 on the validation fields; loud where it has dropped."""
    from mitokeras.export.parity.measure import LARGEST_DROP

    validation = exported.parity.validation
    if validation is None:
        say("No validation fields: its thresholds are those of its cross-validation")
        return
    before, after, drop = validation.keras_f1, validation.artefact_f1, validation.drop
    if drop is None:
        say("F1 of both stages on the validation fields: not defined")
        return
    line = f"F1 of both stages on the validation fields: {after:.3f}, Keras {before:.3f}"
    if drop > LARGEST_DROP:
        lost = f"a drop of {drop:.3f}, more than {LARGEST_DROP:g}"
        say(f"WARNING: {line}: {lost}", error=True, loud=True)
    else:
        say(line)
