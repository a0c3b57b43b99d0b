"""The SavedModel as a stock TensorFlow Serving takes it, which cannot be had here."""

import base64
import json
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest
import tensorflow as tf
from tensorflow.core.protobuf import saved_model_pb2
from tensorflow.python.framework import op_def_registry
from tensorflow_serving.apis import prediction_log_pb2

from mitokeras.detect.spec import read_spec
from mitokeras.detector import Detector
from mitokeras.export.bundle import export_run
from mitokeras.export.savedmodel.warmup import WARMUP_FILE

TENSORFLOW_ONLY = """
import sys

sys.modules.update(keras=None, mitokeras=None)  # neither can be imported
import numpy as np
import tensorflow as tf

signatures = tf.saved_model.load(sys.argv[1]).signatures
image = tf.constant(np.load(sys.argv[2]))
found = {name: value.numpy() for name, value in signatures["detect"](image=image).items()}
np.savez(sys.argv[3], **found)
"""


@pytest.fixture(scope="module")
def version(finished_run: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    base = tmp_path_factory.mktemp("serving") / "mitosis"
    return export_run(finished_run, base, "savedmodel").folder


@pytest.fixture(scope="module")
def signatures(version: Path):
    loaded = tf.saved_model.load(str(version))
    yield loaded.signatures
    del loaded


@pytest.fixture(scope="module")
def field(finished_run: Path) -> np.ndarray:
    image = sorted((finished_run / "synthetic" / "images").glob("*.png"))[10]
    return np.ascontiguousarray(cv2.imread(str(image))[:110, :123, ::-1])


def test_signatures_are_those_of_the_docs(version: Path, signatures) -> None:
    spec = read_spec(version)
    tile, crop = spec.tile_px, spec.crop_px
    described = {
        name: (
            {key: (value.dtype.name, value.shape.as_list()) for key, value in given.items()},
            {key: (value.dtype.name, value.shape.as_list()) for key, value in got.items()},
        )
        for name, signature in signatures.items()
        for given, got in [(signature.structured_input_signature[1], signature.structured_outputs)]
    }
    detections = {
        "centroid_px": ("float32", [None, 2]),
        "area_px": ("int32", [None]),
        "segmenter_score": ("float32", [None]),
        "classifier_score": ("float32", [None]),
        "accepted": ("bool", [None]),
    }
    assert described == {
        "serving_default": (
            {"image": ("uint8", [None, tile, tile, 3])},
            {"probability": ("float32", [None, tile, tile])},
        ),
        "classify": (
            {"image": ("uint8", [None, crop, crop, 3])},
            {"probability": ("float32", [None])},
        ),
        "detect": ({"image": ("uint8", [None, None, 3])}, detections),
        "detect_bytes": ({"image_bytes": ("string", [])}, detections),
    }


def test_a_process_with_tensorflow_alone_gives_the_detections(
    finished_run: Path, version: Path, field: np.ndarray, tmp_path: Path
) -> None:
    given, found = tmp_path / "field.npy", tmp_path / "found.npz"
    np.save(given, field)
    done = subprocess.run(
        [sys.executable, "-c", TENSORFLOW_ONLY, version, given, found],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    expected = Detector.load(finished_run).find(field, 0.25)
    assert len(expected) > 1
    with np.load(found) as arrays:
        np.testing.assert_allclose(arrays["centroid_px"], expected.xy, atol=0.1)
        np.testing.assert_allclose(arrays["classifier_score"], expected.classifier_score, atol=1e-4)
        np.testing.assert_array_equal(arrays["accepted"], expected.accepted)


def test_every_op_is_built_into_tensorflow(version: Path) -> None:
    model = saved_model_pb2.SavedModel()
    model.ParseFromString((version / "saved_model.pb").read_bytes())
    graph = model.meta_graphs[0].graph_def
    functions = {function.signature.name for function in graph.library.function}
    nodes = [*graph.node, *(node for f in graph.library.function for node in f.node_def)]
    ops = {node.op for node in nodes} - functions
    assert {"Conv2D", "ResizeBilinear", "StatelessWhile", "DecodeJpeg"} <= ops
    assert not [op for op in ops if op_def_registry.get(op) is None]
    assert not [op for op in ops if "PyFunc" in op]


def test_warmup_records_run(version: Path, signatures) -> None:
    records = [bytes(r.numpy()) for r in tf.data.TFRecordDataset(str(version / WARMUP_FILE))]
    logs = [prediction_log_pb2.PredictionLog.FromString(record) for record in records]
    requests = [log.predict_log.request for log in logs]
    assert [r.model_spec.signature_name for r in requests] == ["serving_default", "classify"]
    for request in requests:
        inputs = {name: tf.make_ndarray(value) for name, value in request.inputs.items()}
        signature = signatures[request.model_spec.signature_name]
        given = signature.structured_input_signature[1]
        assert {n: v.dtype for n, v in inputs.items()} == {
            n: t.dtype.as_numpy_dtype for n, t in given.items()
        }
        probability = signature(**inputs)["probability"].numpy()
        assert len(probability) == 1
        assert (probability >= 0).all()


def test_json_forms_of_the_rest_api(version: Path, signatures, field: np.ndarray) -> None:
    spec = read_spec(version)
    tiles = np.stack([field[:96, :96], field[10:106, 20:116]])
    row_form = json.dumps({"signature_name": "serving_default", "instances": tiles.tolist()})
    instances = np.array(json.loads(row_form)["instances"], dtype=np.uint8)
    by_rows = signatures["serving_default"](image=instances)["probability"].numpy()
    assert by_rows.shape == (2, spec.tile_px, spec.tile_px)
    # The row form wants as many outputs as instances, so `detect` takes the column form.
    column_form = json.dumps({"signature_name": "detect", "inputs": field.tolist()})
    image = np.array(json.loads(column_form)["inputs"], dtype=np.uint8)
    from_pixels = signatures["detect"](image=image)
    png = base64.b64encode(cv2.imencode(".png", field[..., ::-1])[1].tobytes()).decode()
    bytes_form = json.dumps({"inputs": {"image_bytes": {"b64": png}}})
    image_bytes = base64.b64decode(json.loads(bytes_form)["inputs"]["image_bytes"]["b64"])
    from_bytes = signatures["detect_bytes"](image_bytes=tf.constant(image_bytes))
    assert len(from_pixels["area_px"]) > 1
    for name, value in from_pixels.items():
        np.testing.assert_array_equal(value, from_bytes[name])
