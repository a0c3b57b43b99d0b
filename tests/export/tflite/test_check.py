from collections.abc import Callable

import flatbuffers
import pytest
import tensorflow as tf
from ai_edge_litert import schema_py_generated as schema

from mitokeras.errors import ModelError
from mitokeras.export.tflite.check import check
from mitokeras.export.tflite.convert import convert

SIDE = 8


def converted(
    forward: Callable[[tf.Tensor], tf.Tensor], batch: int | None = None, dtype=tf.uint8
) -> bytes:
    pixels = tf.TensorSpec((batch, SIDE, SIDE, 3), dtype)
    network = tf.function(lambda image: [forward(image)], input_signature=[pixels])
    return convert(network.get_concrete_function(), "none")


def doubled(image: tf.Tensor) -> tf.Tensor:
    """Two channels next to each other, then their mean, as a map of probabilities."""
    one = tf.sigmoid(tf.cast(image, tf.float32)[..., :1] - 100.0)
    return tf.reduce_mean(tf.concat([one, one + 0.0 * one], axis=3), axis=3, keepdims=True)


@pytest.fixture(scope="module")
def model() -> bytes:
    return converted(doubled)


def edited(model: bytes, edit: Callable[[schema.ModelT], None]) -> bytes:
    network = schema.ModelT.InitFromObj(schema.Model.GetRootAs(model))
    edit(network)
    builder = flatbuffers.Builder(1024)
    builder.Finish(network.Pack(builder), b"TFL3")
    return bytes(builder.Output())


def refusal(model: bytes, role="segmenter") -> str:
    with pytest.raises(ModelError) as error:
        check(model, role, "segmenter.tflite")
    assert str(error.value).startswith("segmenter.tflite: ")
    assert "\n" not in str(error.value)
    return str(error.value)


def test_facts(model: bytes) -> None:
    facts = check(model, "segmenter", "segmenter.tflite")
    graph = schema.ModelT.InitFromObj(schema.Model.GetRootAs(model)).subgraphs[0]
    assert sum(facts.ops.values()) == len(graph.operators)
    assert facts.ops["CAST"] == facts.ops["LOGISTIC"] == facts.ops["CONCATENATION"] == 1
    # XNNPACK has no conversion from uint8, and has the sigmoid.
    assert facts.undelegated["CAST"] == 1
    assert "LOGISTIC" not in facts.undelegated
    assert all(count <= facts.ops[op] for op, count in facts.undelegated.items())


def test_a_classifier_is_no_segmenter(model: bytes) -> None:
    classifier = converted(lambda image: tf.reduce_mean(doubled(image), axis=(1, 2)))
    assert check(classifier, "classifier", "x").ops["MEAN"] >= 1
    assert "a segmenter must map" in refusal(classifier)
    assert "a classifier must map" in refusal(model, "classifier")


def test_an_operator_of_tensorflow_is_refused_by_name(model: bytes) -> None:
    def put_custom_op(network: schema.ModelT) -> None:
        for code in network.operatorCodes:
            if code.builtinCode == schema.BuiltinOperator.LOGISTIC:
                code.builtinCode = schema.BuiltinOperator.CUSTOM
                code.deprecatedBuiltinCode = schema.BuiltinOperator.CUSTOM
                code.customCode = "FlexErf"

    assert refusal(edited(model, put_custom_op)).endswith("into TFLite. Received: FlexErf")


def test_a_graph_that_does_not_load_is_refused(model: bytes) -> None:
    def put_wrong_axis(network: schema.ModelT) -> None:
        for operator in network.subgraphs[0].operators:
            if isinstance(operator.builtinOptions, schema.ConcatenationOptionsT):
                operator.builtinOptions.axis = 7

    assert "not a TFLite network that LiteRT runs" in refusal(edited(model, put_wrong_axis))


def test_a_graph_that_runs_on_one_image_only_is_refused() -> None:
    for_one = converted(lambda image: tf.reshape(doubled(image), (1, SIDE, SIDE, 1)) / 2.0)
    assert "on a batch of 3" in refusal(for_one)


def test_a_graph_that_mixes_the_images_of_a_batch_is_refused() -> None:
    mixing = converted(lambda image: doubled(image) / 2.0 + tf.reduce_mean(doubled(image)) / 2.0)
    assert "the same probability alone and in a batch of 3" in refusal(mixing)


def test_flips_and_an_enlarged_part_are_the_same_alone_and_in_a_batch() -> None:
    # A LiteRT that is resized from one image to three computes half of these flips wrong.
    def seen(image: tf.Tensor) -> tf.Tensor:
        pixels = tf.cast(image, tf.float32)
        for axis in (2, 1):
            pixels = tf.concat([pixels, tf.reverse(pixels, [axis])], axis=0)
        part = tf.image.resize(pixels[:, 1:7, 1:7], (4, 4))
        views = tf.reshape(tf.reduce_mean(part, axis=(1, 2, 3)), (4, -1))
        return tf.sigmoid(tf.reduce_mean(views, axis=0) / 64.0 - 2.0)[:, None]

    check(converted(seen), "classifier", "classifier.tflite")


@pytest.mark.parametrize(
    ("made", "message"),
    [
        (lambda: b"PK\x03\x04 not a model", "not a TFLite file"),
        (lambda: converted(doubled, batch=1), r"Received: uint8 [1, 8, 8, 3]"),
        (lambda: converted(doubled, dtype=tf.float32), "Received: float32 [-1, 8, 8, 3]"),
        (lambda: converted(lambda image: 3 * doubled(image)), "must give probabilities"),
    ],
)
def test_other_files_are_refused(made: Callable[[], bytes], message: str) -> None:
    assert message in refusal(made())


def test_a_file_without_signature_is_refused(model: bytes) -> None:
    unnamed = edited(model, lambda network: setattr(network, "signatureDefs", None))
    assert "signatures must be" in refusal(unnamed)
