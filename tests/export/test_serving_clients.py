"""The clients of docs/serving.md, word for word, against stand-ins for the server."""

import base64
import json
import re
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import cv2
import grpc
import numpy as np
import pytest
import tensorflow as tf
from tensorflow_serving.apis import predict_pb2, prediction_service_pb2_grpc

from mitokeras.detector import Detector
from mitokeras.export.bundle import export_run
from tests.conftest import ROOT

TEXT = (ROOT / "docs" / "serving.md").read_text("utf-8")
REST_CLIENT, GRPC_CLIENT = re.findall(r"```python\n(.*?)```", TEXT, flags=re.DOTALL)


@pytest.fixture(scope="module")
def version(finished_run: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return export_run(finished_run, tmp_path_factory.mktemp("base") / "m", "savedmodel").folder


@pytest.fixture(scope="module")
def model(version: Path):
    return tf.saved_model.load(str(version))


@pytest.fixture
def field(finished_run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> np.ndarray:
    """The clients' field.png, in the folder that they run in."""
    source = sorted((finished_run / "synthetic" / "images").glob("*.png"))[11]
    (tmp_path / "field.png").write_bytes(source.read_bytes())
    monkeypatch.chdir(tmp_path)
    return np.ascontiguousarray(cv2.imread(str(source))[..., ::-1])


@pytest.fixture
def rest_port(model) -> Iterator[int]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            assert self.path == "/v1/models/mitokeras:predict"
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            inputs = {
                name: tf.constant(base64.b64decode(value["b64"]))
                for name, value in body["inputs"].items()
            }
            found = model.signatures[body["signature_name"]](**inputs)
            answer = {"outputs": {name: value.numpy().tolist() for name, value in found.items()}}
            self.send_response(200)
            self.end_headers()
            self.wfile.write(json.dumps(answer).encode())

        def log_message(self, *_: object) -> None:
            pass

    with HTTPServer(("localhost", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_port
        server.shutdown()


@pytest.fixture
def grpc_port(model) -> Iterator[int]:
    class Service(prediction_service_pb2_grpc.PredictionServiceServicer):
        def Predict(self, request, context):
            assert request.model_spec.name == "mitokeras"
            inputs = {n: tf.constant(tf.make_ndarray(v)) for n, v in request.inputs.items()}
            found = model.signatures[request.model_spec.signature_name](**inputs)
            return predict_pb2.PredictResponse(
                outputs={name: tf.make_tensor_proto(value) for name, value in found.items()}
            )

    server = grpc.server(ThreadPoolExecutor(1))
    prediction_service_pb2_grpc.add_PredictionServiceServicer_to_server(Service(), server)
    port = server.add_insecure_port("localhost:0")
    server.start()
    yield port
    server.stop(None).wait()


def run(client: str, port: int) -> dict:
    """Run a client with the port of the stand-in; its variables."""
    variables: dict = {}
    exec(re.sub(r"localhost:\d+", f"localhost:{port}", client), variables)
    return variables["found"]


def test_rest_client(finished_run: Path, field: np.ndarray, rest_port: int, capsys) -> None:
    expected = Detector.load(finished_run).find(field, 0.25)
    found = run(REST_CLIENT, rest_port)
    np.testing.assert_allclose(found["centroid_px"], expected.xy, atol=0.1)
    assert found["accepted"] == expected.accepted.tolist()
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == len(expected) > 1


def test_grpc_client(finished_run: Path, field: np.ndarray, grpc_port: int) -> None:
    expected = Detector.load(finished_run).find(field, 0.25)
    found = run(GRPC_CLIENT, grpc_port)
    np.testing.assert_allclose(found["centroid_px"], expected.xy, atol=0.1)
    np.testing.assert_allclose(found["classifier_score"], expected.classifier_score, atol=1e-4)
