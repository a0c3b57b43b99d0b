"""`mitokeras export`."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from mitokeras.cli.options import DATA_FOLDER, import_training_packages
from mitokeras.cli.terminal import say
from mitokeras.errors import ConfigError

if TYPE_CHECKING:
    from mitokeras.export.bundle import Exported
    from mitokeras.export.parity.record import ValidationParity

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
@click.option("--format", required=True, type=click.Choice(["tflite", "onnx", "savedmodel", "web"]),
              help="Format of the model files; web: a page that runs TFLite.")  # fmt: skip
@click.option("--out", required=True, type=DATA_FOLDER,
              help="New or empty folder; savedmodel: base path of TF Serving.")  # fmt: skip
@click.option("--quantize", default="none", show_default=True,
              type=click.Choice(["none", "float16", "dynamic", "int8"]),
              help="Type of the weights, or (int8) of nearly everything; tflite, web.")  # fmt: skip
@click.option("--card-notes", type=click.Path(path_type=Path, exists=True, dir_okay=False),
              help="Markdown file with more sections of the model card.")  # fmt: skip
@click.option("--with-weights", is_flag=True,
              help="Also the Keras files and the configuration, for fit --start.")  # fmt: skip
def command(
    run: Path, format: str, out: Path, quantize: str, card_notes: Path | None, with_weights: bool
) -> None:
    """Turn a finished RUN, or a finished cross-validation, into files that other systems take.

    The bundle holds the networks, detector.json, parity.json (what was measured against the Keras
    models) and MODEL_CARD.md. Without --quantize, one that does not compute the same is refused.
    Pictures that the card's notes show, beside them or in folders there, go into the bundle.

    With --format web, OUT is a folder for any web server: a page in which the networks run, so
    that nobody has to install anything and no image leaves a computer. RUN may then be a TFLite
    bundle or the name of a shipped model as well, which needs no TensorFlow.
    """
    if format == "web":
        _site(run, out, quantize, card_notes, with_weights)
        return
    exported = _exported(run, out, format, quantize, card_notes, with_weights)
    say(_summary(exported))
    _warn(exported)


def _exported(
    run: Path, out: Path, format: str, quantize: str, card_notes: Path | None, with_weights: bool
) -> Exported:
    from mitokeras.export.formats import get_format, target_folder

    get_format(format, quantize, with_weights)
    target_folder(out, format)
    import_training_packages("mitokeras export", *PACKAGES)
    from mitokeras.crossvalidation.workspace import Workspace
    from mitokeras.export.bundle import export_run
    from mitokeras.export.folds import export_folds

    export = export_folds if Workspace.lies_in(run) else export_run
    return export(run, out, format, quantize, card_notes=card_notes, with_weights=with_weights)


def _site(run: Path, out: Path, quantize: str, card_notes: Path | None, with_weights: bool) -> None:
    from mitokeras.web.page_files import page_files
    from mitokeras.web.site import check_out, is_tflite_bundle, write_site

    if with_weights:
        raise ConfigError("--with-weights must come with --format tflite. Received: web")
    check_out(out)
    page_files()  # before an export that takes minutes
    if is_tflite_bundle(str(run)):
        if quantize != "none" or card_notes is not None:
            raise ConfigError(
                f"{run}: --quantize and --card-notes are for runs, and it is a bundle"
            )
        files = write_site(str(run), out)
    else:
        with tempfile.TemporaryDirectory() as folder:
            bundle = Path(folder) / run.resolve().name
            exported = _exported(run, bundle, "tflite", quantize, card_notes, False)
            files = write_site(bundle, out)
        say(_summary(replace(exported, folder=out)))
        _warn(exported)
    size = sum(map(len, files.values()))
    say(f"Site: {out}, {len(files)} files, {size:,} bytes. Put the folder on any web server")


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
            if found.atypical_max_difference is not None:
                largest = found.atypical_max_difference
                lines.append(f"{title}: their atypical scores differ by {largest:.2e} at most")
    return "\n".join([*lines, f"Bundle: {exported.folder}"])


def _warn(exported: Exported) -> None:
    """The F1 on the validation fields, and stage 3's accuracy; loud where it has dropped."""
    _say_f1(exported.parity.validation, exported.thresholds_chosen)
    subtyping = exported.parity.subtyping
    if subtyping is not None:
        before, after = subtyping.keras_balanced_accuracy, subtyping.artefact_balanced_accuracy
        what = f"Balanced accuracy of stage 3 on the {subtyping.split} figures"
        _say_or_warn(f"{what}: {after:.3f}, Keras {before:.3f}", subtyping.drop)


def _say_f1(validation: ValidationParity | None, chosen: str) -> None:
    if validation is None:
        say(f"No validation fields. Thresholds: {chosen}")
        return
    before, after, drop = validation.keras_f1, validation.artefact_f1, validation.drop
    if drop is None:
        say("F1 of both stages on the validation fields: not defined")
        return
    _say_or_warn(
        f"F1 of both stages on the validation fields: {after:.3f}, Keras {before:.3f}", drop
    )


def _say_or_warn(line: str, drop: float) -> None:
    from mitokeras.export.parity.measure import LARGEST_DROP

    if drop > LARGEST_DROP:
        lost = f"a drop of {drop:.3f}, more than {LARGEST_DROP:g}"
        say(f"WARNING: {line}: {lost}", error=True, loud=True)
    else:
        say(line)
