"""What a TFLite file says of its own use: LiteRT metadata, with `detector.json` inside.

The metadata is a flatbuffer of its own, which the model holds as one of its buffers. The files
that it names lie behind the model as a ZIP, uncompressed, so that LiteRT's readers find them and
`unzip` opens the model file.

Source: metadata_schema.fbs 1.5.0 of github.com/tensorflow/tflite-support.
"""

from __future__ import annotations

import io
import json
import zipfile
from enum import IntEnum
from typing import Any

import flatbuffers
import numpy as np
from ai_edge_litert import schema_py_generated as schema

import mitokeras
from mitokeras.detect.spec import DETECTOR_FILE, DetectorSpec
from mitokeras.export.trained.frozen import INPUT, OUTPUT
from mitokeras.runners.runner import ROLES, Role

METADATA_NAME = "TFLITE_METADATA"
METADATA_IDENTIFIER = b"M001"
MODEL_IDENTIFIER = b"TFL3"
LABELS_FILE = "labels.txt"
LABELS: dict[Role, str] = {
    "segmenter": "mitotic figure",
    "classifier": "mitotic figure",
    "subtyper": "atypical mitotic figure",
}
"""Of the one channel of the output."""

SUBJECTS: dict[Role, str] = {
    "segmenter": "each pixel is of a mitotic figure",
    "classifier": "the image shows a mitotic figure at its centre",
    "subtyper": "the mitotic figure at the centre of the image is atypical",
}
"""What the output is the probability of."""

SLOTS = {
    "AssociatedFile": "name description type",
    "Content": "content_properties_type content_properties range",
    "FeatureProperties": "",
    "ImageProperties": "color_space default_size",
    "ImageSize": "width height",
    "ModelMetadata": "name description version subgraph_metadata author license"
    " associated_files min_parser_version",
    "NormalizationOptions": "mean std",
    "ProcessUnit": "options_type options",
    "Stats": "max min",
    "SubGraphMetadata": "name description input_tensor_metadata output_tensor_metadata",
    "TensorMetadata": "name description dimension_names content process_units stats"
    " associated_files",
    "ValueRange": "min max",
}
"""Table of the schema -> its fields by slot, as far as the last one that is written here."""


class ContentKind(IntEnum):
    FEATURE = 1
    IMAGE = 2


class ColorSpace(IntEnum):
    RGB = 1
    GRAYSCALE = 2


class OptionsKind(IntEnum):
    NORMALIZATION = 1


class FileKind(IntEnum):
    DESCRIPTIONS = 1
    TENSOR_AXIS_LABELS = 2


class Table:
    """One of `SLOTS`. Its fields are tables or lists of them, texts or lists of them, float
    vectors, enumerations, and integers of 32 bits."""

    def __init__(self, kind: str, **fields: Any) -> None:
        self.slots = SLOTS[kind].split()
        self.fields = fields


def with_metadata(model: bytes, role: Role, spec: DetectorSpec) -> bytes:
    """Add metadata and its files to a TFLite file.

    Args:
        model: The file as converted, without metadata of this kind.
        role: Which of the networks it is.
        spec: Spec of the detector. The copy of detector.json inside the file names no models, as a
            file cannot state its own hash.

    Returns:
        The file with the same graph, weights and signatures; equal input gives equal bytes.
    """
    network = schema.ModelT.InitFromObj(schema.Model.GetRootAs(model))
    content = flatbuffers.Builder(1024)
    content.Finish(_write(content, _metadata(role, spec)), METADATA_IDENTIFIER)
    entry = schema.MetadataT(name=METADATA_NAME, buffer=len(network.buffers))
    network.buffers.append(schema.BufferT(data=np.frombuffer(content.Output(), np.uint8)))
    network.metadata = [*(network.metadata or []), entry]
    builder = flatbuffers.Builder(len(model))
    builder.Finish(network.Pack(builder), MODEL_IDENTIFIER)

    detector = json.dumps(spec.changed(models={}).to_json(), indent=2)
    file = io.BytesIO(builder.Output())
    with zipfile.ZipFile(file, "a") as archive:
        for name, text in ((LABELS_FILE, LABELS[role]), (DETECTOR_FILE, detector)):
            info = zipfile.ZipInfo(name)  # no date and no compression
            info.create_system = 3  # Unix wherever it is written
            archive.writestr(info, text + "\n")
    return file.getvalue()


def _metadata(role: Role, spec: DetectorSpec) -> Table:
    description = (
        f"Stage {ROLES.index(role) + 1} of {len(spec.sides)} of a detector of mitotic figures in "
        f"H&E histology at {spec.spacing_um_px} um a pixel. Research software, no medical device."
    )
    inputs, outputs = [_input(spec.sides[role], spec)], [_output(role)]
    return Table(
        "ModelMetadata",
        name=f"mitokeras {role}",
        description=description,
        version=mitokeras.__version__,
        subgraph_metadata=[
            Table("SubGraphMetadata", input_tensor_metadata=inputs, output_tensor_metadata=outputs)
        ],
        author="written by mitokeras",
        license="Weights: as their training data allow, see MODEL_CARD.md of the bundle.",
        associated_files=[
            _file(DETECTOR_FILE, "Spacing, sizes, thresholds, stain policy", FileKind.DESCRIPTIONS)
        ],
        min_parser_version="1.0.0",
    )


def _input(side: int, spec: DetectorSpec) -> Table:
    size = Table("ImageSize", width=side, height=side)
    stain = "" if spec.stain["policy"] == "none" else f", {spec.stain['policy']}-normalised"
    # 0 and 1 leave the pixels as they are: the network rescales them itself.
    normalization = Table("NormalizationOptions", mean=_floats(0), std=_floats(1))
    return Table(
        "TensorMetadata",
        name=INPUT,
        description=f"RGB 0..255 at {spec.spacing_um_px} um a pixel{stain}; any number of images.",
        dimension_names=["batch", "height", "width", "channel"],
        content=_image(ColorSpace.RGB, default_size=size),
        process_units=[
            Table("ProcessUnit", options_type=OptionsKind.NORMALIZATION, options=normalization)
        ],
        stats=Table("Stats", max=_floats(255), min=_floats(0)),
    )


def _output(role: Role) -> Table:
    if role == "segmenter":
        names = ["batch", "height", "width", "class"]
        content = _image(ColorSpace.GRAYSCALE)
    else:
        names = ["batch", "class"]
        content = Table(
            "Content",
            content_properties_type=ContentKind.FEATURE,
            content_properties=Table("FeatureProperties"),
        )
    return Table(
        "TensorMetadata",
        name=OUTPUT,
        description=f"Probability that {SUBJECTS[role]}.",
        dimension_names=names,
        content=content,
        stats=Table("Stats", max=_floats(1), min=_floats(0)),
        associated_files=[_file(LABELS_FILE, "Name of each class", FileKind.TENSOR_AXIS_LABELS)],
    )


def _image(color_space: ColorSpace, **properties: Table) -> Table:
    return Table(
        "Content",
        content_properties_type=ContentKind.IMAGE,
        content_properties=Table("ImageProperties", color_space=color_space, **properties),
        range=Table("ValueRange", min=1, max=2),  # the axes that are height and width
    )


def _file(name: str, description: str, kind: FileKind) -> Table:
    return Table("AssociatedFile", name=name, description=description, type=kind)


def _floats(value: float) -> np.ndarray:
    return np.array([value], dtype=np.float32)


def _write(builder: flatbuffers.Builder, value: Any) -> int:
    """Write whatever a table does not hold in itself; its offset."""
    if isinstance(value, str):
        return builder.CreateString(value)
    if isinstance(value, np.ndarray):
        return builder.CreateNumpyVector(value)
    if isinstance(value, list):
        offsets = [_write(builder, part) for part in value]
        builder.StartVector(4, len(offsets), 4)
        for offset in reversed(offsets):
            builder.PrependUOffsetTRelative(offset)
        return builder.EndVector()
    return _write_table(builder, value)


def _write_table(builder: flatbuffers.Builder, table: Table) -> int:
    # All that it refers to comes first: a flatbuffer nests by reference only.
    offsets = {
        name: _write(builder, value)
        for name, value in table.fields.items()
        if not isinstance(value, int)
    }
    builder.StartObject(len(table.slots))
    for name, value in table.fields.items():
        slot = table.slots.index(name)
        if name in offsets:
            builder.PrependUOffsetTRelativeSlot(slot, offsets[name], 0)
        elif isinstance(value, IntEnum):
            builder.PrependUint8Slot(slot, value, 0)
        else:
            builder.PrependUint32Slot(slot, value, 0)
    return builder.EndObject()
