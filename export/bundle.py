"""A run becomes a bundle: model files, detector.json, parity.json, model card."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import keras
import tensorflow as tf

from mitokeras.data.known_tissue import TISSUE_FILE
from mitokeras.data.stain_range import STAIN_FILE
from mitokeras.data.synthetic.field import draw_field
from mitokeras.detect.curve import RESULT_FILE
from mitokeras.detect.detector import FieldDetector
from mitokeras.detect.learned import LEARNED_FILE
from mitokeras.detect.spec import DETECTOR_FILE, ModelFile
from mitokeras.disk.files import atomic_folder, sha256_of, write_json
from mitokeras.disk.locks import sole_writer
from mitokeras.errors import ConfigError, ModelError
from mitokeras.export.card.card import model_card
from mitokeras.export.card.facts import CardFacts
from mitokeras.export.card.notes import CardNotes, read_card_notes
from mitokeras.export.formats import Format, get_format, target_folder
from mitokeras.export.onnx.bioimageio import LEAST_PROBABILITY, write_bioimageio
from mitokeras.export.parity.measure import check, measure
from mitokeras.export.parity.record import FormatName, Parity, Quantization
from mitokeras.export.savedmodel.serving import write_serving_files
from mitokeras.export.trained.frozen import frozen
from mitokeras.export.trained.trained import TrainedRun, open_run
from mitokeras.export.trained.weights import write_weights
from mitokeras.runners.silence import silent_stderr
from mitokeras.score.folds import FoldScores
from mitokeras.train.subtyping import taken_subtypes

PARITY_FILE = "parity.json"
CARD_FILE = "MODEL_CARD.md"

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Exported:
    """What an export left.

    Attributes:
        folder: The bundle.
        files: Name and bytes of each model file.
        parity: Content of parity.json.
        thresholds_chosen: As in detector.json.
    """

    folder: Path
    files: dict[str, int]
    parity: Parity
    thresholds_chosen: str


def export_run(
    run: Path,
    out: Path,
    format: str,
    quantize: str = "none",
    card_notes: Path | None = None,
    folds: FoldScores | None = None,
    with_weights: bool = False,
) -> Exported:
    """Export the networks of a finished run, and measure that the artefact does the same.

    Args:
        run: The run folder, with its store.
        out: New or empty folder of the bundle; for a SavedModel a base path of TF Serving, which
            gets the next integer version.
        format: A key of `FORMATS`.
        quantize: One of the format's quantizations.
        card_notes: Markdown file with more sections for the model card; see `read_card_notes`.
        folds: What cross-validated networks of the same recipe, exported alike, have scored; their
            thresholds are taken.
        with_weights: Whether a TFLite bundle also gets the Keras files and the configuration, for
            `mitokeras fit --start`.

    Raises:
        ConfigError: The format does not know the quantisation or takes no weights, `out` is in
            use, or the notes show pictures that cannot be had.
        ModelError: The run is not whole, or the artefact does not compute the same.
        DataError: The store is damaged, or shows no tissue to calibrate on.

    Example:
        >>> exported = export_run(Path("run"), Path("bundle"), "tflite")  # the run of `fit`
        >>> sorted(exported.files)
        ['classifier.tflite', 'segmenter.tflite']
    """
    form = get_format(format, quantize, with_weights)
    notes = None if card_notes is None else read_card_notes(card_notes)
    if keras.backend.backend() != "tensorflow":
        raise ConfigError(
            "export needs Keras on TensorFlow (KERAS_BACKEND=tensorflow). "
            f"Received: {keras.backend.backend()}"
        )
    # GPUs would round the Keras models' products to 10 bits, and nothing could equal them.
    tf.config.experimental.enable_tensor_float_32_execution(False)
    with sole_writer(out), open_run(run) as trained, _target(out, format) as (folder, target):
        if folds is not None:
            trained = trained.with_folds(folds, quantize)
        elif quantize != "none" and not trained.validation():
            trained = trained.at_old_thresholds(quantize)
        name, kind = cast(FormatName, format), cast(Quantization, quantize)
        artefact, parity = _fill(trained, form, name, kind, folder)
        if format == "onnx":
            _describe_to_bioimageio(trained, artefact, folder)
        if with_weights:
            write_weights(trained, run, folder)
        if notes is not None:
            notes.copy_pictures(folder)
        card = model_card(_card_facts(trained, artefact, parity, notes, folder))
        (folder / CARD_FILE).write_text(card, encoding="utf-8")
        files = {name: (folder / name).stat().st_size for name in parity.files}
    return Exported(target, files, parity, artefact.spec.thresholds_chosen)


@contextmanager
def _target(out: Path, format: str) -> Iterator[tuple[Path, Path]]:
    """The folder to fill, and the one whose name it takes at the end."""
    target = target_folder(out, format)
    try:
        with atomic_folder(target) as folder:
            yield folder, target
    except tf.errors.OpError as error:  # TensorFlow's own writing, on a full disk above all
        reason = " ".join(str(error.message).split())  # str(error) may carry a trace
        raise ModelError(f"{out}: could not be written: {reason}") from error
    if format == "savedmodel":
        write_serving_files(target.parent)


def _fill(
    trained: TrainedRun, form: Format, format: FormatName, quantize: Quantization, folder: Path
) -> tuple[FieldDetector, Parity]:
    """Write the networks and the JSON files, and hold them against the Keras models."""
    logger.info("writing %s", format if quantize == "none" else f"{format}, {quantize}")
    networks = {role: frozen(network) for role, network in trained.networks.items()}
    written = form.write(trained, networks, quantize, folder, form.files)
    models = {role: ModelFile.of(folder / form.files[role]) for role in networks}
    spec = written.spec.changed(models=models)
    write_json(folder / DETECTOR_FILE, spec.to_json())
    write_json(folder / LEARNED_FILE, sorted(trained.record.learned))
    trained.tissue.write(folder / TISSUE_FILE)
    if trained.stains is not None:
        write_json(folder / STAIN_FILE, trained.stains.to_json())
    if trained.crossvalidation is not None:
        scores = trained.crossvalidation.to_json(names_of_cases=False)
        write_json(folder / RESULT_FILE, scores)
    logger.info("comparing it with the Keras models")
    with silent_stderr():
        artefact = FieldDetector.load(folder)
    parity = measure(trained, artefact, folder, written, format, quantize)
    check(parity)
    write_json(folder / PARITY_FILE, parity.to_json())
    return artefact, parity


def _card_facts(
    trained: TrainedRun,
    artefact: FieldDetector,
    parity: Parity,
    notes: CardNotes | None,
    folder: Path,
) -> CardFacts:
    train = trained.fields("train")
    return CardFacts(
        spec=artefact.spec,
        metrics=trained.metrics,
        record=trained.record,
        parity=parity,
        files=[
            (path.relative_to(folder).as_posix(), path.stat().st_size, sha256_of(path))
            for path in sorted(folder.rglob("*"))
            if path.is_file()
        ],
        train_figures=sum(len(field.figures) for field in train),
        train_subtypes=taken_subtypes(train),
        crossvalidation=trained.crossvalidation,
        notes="" if notes is None else notes.text,
    )


def _describe_to_bioimageio(trained: TrainedRun, artefact: FieldDetector, folder: Path) -> None:
    spec, config = artefact.spec, trained.record.settings.config
    tile = draw_field(spec.tile_px, spec.tile_px, seed=1, case=1).image[None]
    probability = artefact.segmenter(tile)[..., None]
    if probability.max() < LEAST_PROBABILITY:
        logger.warning("no bioimage.io description: its test tile shows the segmenter nothing")
    else:
        write_bioimageio(
            folder,
            spec,
            tile,
            probability,
            name=config.segmenter.model,
            license_id=trained.record.settings.licence,
        )
