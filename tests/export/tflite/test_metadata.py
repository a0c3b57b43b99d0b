import io
import json
import zipfile
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf
from ai_edge_litert import schema_py_generated as schema
from ai_edge_litert.interpreter import Interpreter
from flatbuffers.number_types import Float32Flags, Int8Flags, Uint8Flags, Uint32Flags
from flatbuffers.table import Table

from mitokeras.counting.atypical import Subtyping
from mitokeras.detect.spec import DetectorSpec, ModelFile
from mitokeras.export.tflite.check import check
from mitokeras.export.tflite.convert import convert
from mitokeras.export.tflite.metadata import METADATA_NAME, with_metadata
from mitokeras.runners.loading import load_runner
from tests.detectors import make_spec

SIDE = 8

SPEC = make_spec(
    tile_px=SIDE,
    halo_px=0,
    crop_px=4,
    models={"segmenter": ModelFile(file="segmenter.tflite", sha256="f" * 64)},
)


@pytest.fixture(scope="module")
def plain() -> bytes:
    """A convolution of two layers, as converted."""
    kernels = np.random.default_rng(0).normal(0, 0.01, (2, 3, 3, 3, 3)).astype(np.float32)

    @tf.function(input_signature=[tf.TensorSpec((None, SIDE, SIDE, 3), tf.uint8)])
    def forward(image: tf.Tensor) -> list[tf.Tensor]:
        features = tf.nn.relu(tf.nn.conv2d(tf.cast(image, tf.float32), kernels[0], 1, "SAME"))
        return [tf.sigmoid(tf.nn.conv2d(features, kernels[1][..., :1], 1, "SAME"))]

    return convert(forward.get_concrete_function(), "none")


@pytest.fixture(scope="module")
def model(plain: bytes) -> bytes:
    return with_metadata(plain, "segmenter", SPEC)


def metadata_of(model: bytes) -> Table:
    """The root of the metadata, found as LiteRT's readers find it."""
    network = schema.Model.GetRootAs(model)
    entries = [network.Metadata(i) for i in range(network.MetadataLength())]
    (entry,) = [entry for entry in entries if entry.Name().decode() == METADATA_NAME]
    content = network.Buffers(entry.Buffer()).DataAsNumpy().tobytes()
    assert content[4:8] == b"M001"
    return Table(content, int.from_bytes(content[:4], "little"))


def place(table: Table, slot: int) -> int:
    offset = table.Offset(4 + 2 * slot)
    assert offset, slot
    return offset


def text(table: Table, slot: int) -> str:
    return table.String(table.Pos + place(table, slot)).decode()


def part(table: Table, slot: int) -> Table:
    return Table(table.Bytes, table.Indirect(table.Pos + place(table, slot)))


def only(table: Table, slot: int) -> Table:
    assert table.VectorLen(place(table, slot)) == 1
    return Table(table.Bytes, table.Indirect(table.Vector(place(table, slot))))


def number(table: Table, slot: int, flags: type) -> float:
    return table.Get(flags, table.Pos + place(table, slot))


def floats(table: Table, slot: int) -> list[float]:
    return table.GetVectorAsNumpy(Float32Flags, place(table, slot)).tolist()


def test_the_metadata_reads_back_by_the_slots_of_the_schema(model: bytes) -> None:
    root = metadata_of(model)
    assert text(root, 0) == "mitokeras segmenter"
    assert "no medical device" in text(root, 1)
    assert text(root, 2) == "0.1.0"
    assert "training data" in text(root, 5)
    assert text(only(root, 6), 0) == "detector.json"
    assert text(root, 7) == "1.0.0"

    image, probability = only(only(root, 3), 2), only(only(root, 3), 3)
    assert text(image, 0) == "image"
    assert image.VectorLen(place(image, 2)) == 4
    content = part(image, 3)
    assert number(content, 0, Uint8Flags) == 2  # ImageProperties
    assert number(part(content, 1), 0, Int8Flags) == 1  # RGB
    assert number(part(part(content, 1), 1), 0, Uint32Flags) == SIDE
    unit = only(image, 4)
    assert number(unit, 0, Uint8Flags) == 1  # NormalizationOptions
    assert floats(part(unit, 1), 0) == [0.0]
    assert floats(part(unit, 1), 1) == [1.0]
    assert floats(part(image, 5), 0) == [255.0]
    assert floats(part(image, 5), 1) == [0.0]

    assert text(probability, 0) == "probability"
    assert floats(part(probability, 5), 0) == [1.0]
    assert text(only(probability, 6), 0) == "labels.txt"
    assert number(only(probability, 6), 2, Int8Flags) == 2  # TENSOR_AXIS_LABELS


def test_the_classifier_takes_crops_and_gives_a_feature(plain: bytes) -> None:
    graph = only(metadata_of(with_metadata(plain, "classifier", SPEC)), 3)
    size = part(part(part(only(graph, 2), 3), 1), 1)
    assert number(size, 0, Uint32Flags) == SPEC.crop_px
    assert number(part(only(graph, 3), 3), 0, Uint8Flags) == 1  # FeatureProperties
    assert only(graph, 3).VectorLen(place(only(graph, 3), 2)) == 2


def test_stage_3_says_what_it_tells(plain: bytes) -> None:
    spec = SPEC.changed(subtyping=Subtyping(threshold=0.5, chosen="by hand"))
    root = metadata_of(with_metadata(plain, "subtyper", spec))
    assert text(root, 1).startswith("Stage 3 of 3 of a detector")
    probability = only(only(root, 3), 3)
    assert text(probability, 1).endswith(
        "that the mitotic figure at the centre of the image is atypical."
    )
    assert text(metadata_of(with_metadata(plain, "classifier", SPEC)), 1).startswith("Stage 2 of 2")


def test_a_stain_policy_is_said_of_the_input(plain: bytes) -> None:
    spec = SPEC.model_copy(update={"stain": {"policy": "macenko"}})
    image = only(only(metadata_of(with_metadata(plain, "segmenter", spec)), 3), 2)
    assert "macenko-normalised" in text(image, 1)


def test_the_files_lie_behind_the_model_uncompressed(model: bytes) -> None:
    with zipfile.ZipFile(io.BytesIO(model)) as archive:
        assert archive.testzip() is None
        assert {info.compress_type for info in archive.infolist()} == {zipfile.ZIP_STORED}
        assert archive.read("labels.txt") == b"mitotic figure\n"
        inside = DetectorSpec.model_validate(json.loads(archive.read("detector.json")))
    assert inside == SPEC.model_copy(update={"models": {}})


def test_graph_weights_and_signatures_stay(plain: bytes, model: bytes, tmp_path: Path) -> None:
    before, after = schema.Model.GetRootAs(plain), schema.Model.GetRootAs(model)
    assert after.BuffersLength() == before.BuffersLength() + 1
    for i in range(before.BuffersLength()):
        assert np.array_equal(before.Buffers(i).DataAsNumpy(), after.Buffers(i).DataAsNumpy())
    assert check(model, "segmenter", "x").ops == check(plain, "segmenter", "x").ops
    assert (
        Interpreter(model_content=plain).get_signature_list()
        == Interpreter(model_content=model).get_signature_list()
    )
    images = np.random.default_rng(1).integers(0, 256, (2, SIDE, SIDE, 3), dtype=np.uint8)
    results = []
    for name, content in (("plain.tflite", plain), ("model.tflite", model)):
        (tmp_path / name).write_bytes(content)
        results.append(load_runner(tmp_path / name, "segmenter", SIDE, threads=1)(images))
    np.testing.assert_array_equal(*results)
    assert results[0].std() > 0


def test_equal_input_gives_equal_bytes(plain: bytes, model: bytes) -> None:
    assert with_metadata(plain, "segmenter", SPEC) == model
