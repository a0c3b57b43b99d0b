"""What was measured of an artefact against the Keras models of its run: `parity.json`."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import ConfigDict, Field

from mitokeras.data.fields import Split
from mitokeras.disk.records import Record, SparseRecord
from mitokeras.score.scores import Rate

FormatName = Literal["tflite", "onnx", "savedmodel"]
Quantization = Literal["none", "float16", "dynamic", "int8"]


class FileFacts(Record):
    """Facts on a model file, those that its format has.

    Attributes:
        operators: TFLite: how often each operator occurs.
        outside_xnnpack: TFLite: those that XNNPACK leaves to LiteRT's own kernels.
        calibration_images: TFLite: images that set the ranges of an int8 network.
        opset: ONNX: version of the operators.
        signatures: SavedModel: names of the signatures.
    """

    operators: dict[str, int] | None = None
    outside_xnnpack: dict[str, int] | None = None
    calibration_images: int | None = None
    opset: int | None = None
    signatures: Annotated[tuple[str, ...], Field(strict=False)] | None = None


class NetworkParity(Record):
    """One network on the same images, at each of some lengths of a batch.

    Attributes:
        batches: Those lengths.
        values: Number of probabilities that were compared.
        max_difference: Largest difference of a probability.
        mean_difference: Mean difference.
        mismatches_per_million: Values that differ by more than `mismatch_threshold`.
        mismatch_threshold: A difference of probabilities.
    """

    # What is no number is for `check` to refuse.
    model_config = ConfigDict(allow_inf_nan=True)

    batches: Annotated[tuple[int, ...], Field(strict=False)]
    values: int
    max_difference: float
    mean_difference: float
    mismatches_per_million: float
    mismatch_threshold: float


class DetectionParity(Record):
    """The candidates of both pipelines, paired where the verdict is the same.

    Attributes:
        fields: Number of fields.
        keras: Candidates of the Keras models.
        artefact: Candidates of the artefact.
        paired_within_1_px: Pairs.
        equal: Whether that is all of them.
        unpaired_allowed: Share that need not be paired.
        atypical_max_difference: Largest difference of stage 3's probability of paired figures
            whose crops are the same; None without a stage 3, and where there are none.
    """

    fields: int
    keras: int
    artefact: int
    paired_within_1_px: int
    equal: bool
    unpaired_allowed: float
    atypical_max_difference: float | None = None


class ValidationParity(Record):
    """F1 of both stages on the run's validation fields; None where undefined.

    Attributes:
        fields: Number of fields.
        protocol: Rule of a hit.
        keras_f1: F1 of the Keras models.
        artefact_f1: F1 of the artefact.
        drop: By how much it is less.
    """

    fields: int
    protocol: str
    keras_f1: Rate
    artefact_f1: Rate
    drop: Rate


class SubtypeParity(Record):
    """Balanced accuracy of stage 3 on labelled figures of the run; each at its own threshold.

    Attributes:
        split: The validation figures, or the test figures where those are too few.
        normal: Number of normal figures.
        atypical: Number of atypical figures.
        keras_balanced_accuracy: Of the Keras model.
        artefact_balanced_accuracy: Of the artefact.
        drop: By how much it is less.
    """

    split: Split
    normal: int
    atypical: int
    keras_balanced_accuracy: float
    artefact_balanced_accuracy: float
    drop: float


class Parity(SparseRecord):
    """Content of `parity.json`.

    Attributes:
        files: Facts by the name of the model file.
        format: A key of `FORMATS`.
        quantize: How the networks are quantised.
        tolerance: Largest difference of a probability that is allowed; None where quantised.
        networks: By role.
        detections: The pipelines in Python.
        detect_signature: The signature `detect` of a SavedModel.
        validation: None without validation fields.
        subtyping: None without a stage 3, and where the run has too few figures of a subtype.
        environment: Versions of what wrote the artefact, and the hardware.
    """

    files: dict[str, FileFacts]
    format: FormatName
    quantize: Quantization
    tolerance: float | None
    networks: dict[str, NetworkParity]
    detections: DetectionParity
    detect_signature: DetectionParity | None = None
    validation: ValidationParity | None
    subtyping: SubtypeParity | None = None
    environment: dict[str, str]
