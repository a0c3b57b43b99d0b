import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper

from mitokeras.errors import MissingExtraError, ModelError
from mitokeras.runners.onnx import load_runner

ROOT = Path(__file__).parent.parent.parent

UINT8, FLOAT = TensorProto.UINT8, TensorProto.FLOAT


def write(
    path: Path,
    shape: tuple,
    *,
    flat: bool = False,
    kind: int = UINT8,
    image: str = "image",
    probability: str = "probability",
    doubles: bool = False,
    keepdims: int = 1,
) -> Path:
    """A network that gives the mean of R, G and B, or of all of a crop if `flat`, over 255."""
    out = TensorProto.DOUBLE if doubles else FLOAT
    nodes = [
        helper.make_node("Cast", [image], ["values"], to=out),
        helper.make_node("Flatten" if flat else "Identity", ["values"], ["arranged"]),
        helper.make_node("ReduceMean", ["arranged"], ["mean"], axes=[-1], keepdims=keepdims),
        helper.make_node("Div", ["mean", "top"], [probability]),
    ]
    given = (shape[0], 1) if flat else (*shape[:-1], 1)
    graph = helper.make_graph(
        nodes,
        "network",
        [helper.make_tensor_value_info(image, kind, shape)],
        [helper.make_tensor_value_info(probability, out, given if keepdims else given[:-1])],
        [helper.make_tensor("top", out, [], [255.0])],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.save(model, path)
    return path


TILES, CROPS = ("batch", 8, 8, 3), ("batch", 4, 4, 3)


@pytest.mark.parametrize("threads", [1, 2, None])
def test_segmenter_of_any_batch(tmp_path: Path, threads: int | None) -> None:
    folder = tmp_path / "Präparate"
    folder.mkdir()
    runner = load_runner(write(folder / "segmenter.onnx", TILES), "segmenter", threads)
    tiles = np.random.default_rng(0).integers(0, 256, (5, 8, 8, 3), dtype=np.uint8)
    for chosen in (tiles, tiles[:1], tiles[:0], tiles[:, ::-1]):
        found = runner(chosen)
        assert (found.shape, found.dtype) == ((len(chosen), 8, 8), np.float32)
        np.testing.assert_allclose(found, chosen.mean(-1) / 255, atol=1e-6)


def test_classifier_of_any_batch(tmp_path: Path) -> None:
    path = write(tmp_path / "classifier.onnx", CROPS, flat=True)
    runner = load_runner(path, "classifier", 1)
    crops = np.random.default_rng(0).integers(0, 256, (3, 4, 4, 3), dtype=np.uint8)
    for chosen in (crops, crops[:1], crops[:0]):
        found = runner(chosen)
        assert (found.shape, found.dtype) == ((len(chosen),), np.float32)
        np.testing.assert_allclose(found, chosen.reshape(-1, 48).mean(-1) / 255, atol=1e-6)


@pytest.mark.parametrize(
    ("network", "received"),
    [
        ({"image": "input_1"}, "input_1 tensor(uint8) [n, 8, 8, 3] -> probability"),
        ({"probability": "output"}, "-> output tensor(float) [n, 8, 8, 1]"),
        ({"kind": FLOAT}, "image tensor(float) [n, 8, 8, 3] -> "),
        ({"doubles": True}, "-> probability tensor(double) [n, 8, 8, 1]"),
        ({"keepdims": 0}, "-> probability tensor(float) [n, 8, 8]"),
        ({"flat": True}, "-> probability tensor(float) [n, 1]"),
        ({"shape": ("batch", 3)}, "image tensor(uint8) [n, 3] -> probability tensor(float) [n, 1]"),
        ({"shape": ("batch", "h", "w", 3)}, "image tensor(uint8) [n, n, n, 3] -> "),
        ({"shape": (1, 8, 8, 3)}, "image tensor(uint8) [1, 8, 8, 3] -> "),
        ({"shape": ("batch", 8, 8, 4)}, "image tensor(uint8) [n, 8, 8, 4] -> "),
    ],
)
def test_another_network_is_refused(tmp_path: Path, network: dict, received: str) -> None:
    path = write(tmp_path / "other.onnx", **{"shape": TILES, **network})
    with pytest.raises(ModelError) as raised:
        load_runner(path, "segmenter", None)
    message = str(raised.value)
    assert message.startswith(f"{path}: a segmenter must map image tensor(uint8) [n, ")
    assert received in message.split("Received: ")[1]
    assert "\n" not in message


def test_the_other_stage_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path / "segmenter.onnx", TILES)
    with pytest.raises(ModelError, match=r"a classifier must map .* tensor\(float\) \[n, 1\]\."):
        load_runner(path, "classifier", None)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda path: path.unlink(),
        lambda path: path.write_bytes(b""),
        lambda path: path.write_bytes(b"no network"),
        lambda path: path.write_bytes(path.read_bytes()[:-40]),
        lambda path: path.write_bytes(path.read_bytes().replace(b"batch", b"\xf9atch")),
    ],
    ids=["absent", "empty", "other", "cut short", "an axis whose name is no text"],
)
def test_a_file_that_is_no_network(tmp_path: Path, spoil: Callable[[Path], object]) -> None:
    path = write(tmp_path / "segmenter.onnx", TILES)
    spoil(path)
    with pytest.raises(ModelError, match=r"segmenter\.onnx: not an ONNX network") as raised:
        load_runner(path, "segmenter", None)
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize("place", ["weights.bin", "../weights.bin", "absolute"])
def test_weights_in_another_file_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    folder = tmp_path / "bundle"
    folder.mkdir()
    for where in (folder, tmp_path):
        np.float32(255).tofile(where / "weights.bin")
    model = onnx.load(write(folder / "segmenter.onnx", TILES))
    (top,) = model.graph.initializer
    top.ClearField("float_data")
    top.data_location = TensorProto.EXTERNAL
    location = str(tmp_path / "weights.bin") if place == "absolute" else place
    top.external_data.add(key="location", value=location)
    (folder / "segmenter.onnx").write_bytes(model.SerializeToString())
    monkeypatch.chdir(folder)
    with pytest.raises(ModelError, match=r"segmenter\.onnx: not an ONNX network"):
        load_runner(folder / "segmenter.onnx", "segmenter", None)


def test_without_onnx_runtime(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    with pytest.raises(MissingExtraError, match=r"running segmenter\.onnx .*mitokeras\[onnx\]"):
        load_runner(tmp_path / "segmenter.onnx", "segmenter", None)


def test_runs_where_there_is_no_tensorflow(tmp_path: Path) -> None:
    path = write(tmp_path / "segmenter.onnx", TILES)
    program = (
        "import sys, numpy, pathlib; sys.modules.update(dict.fromkeys(('tensorflow', 'keras')))\n"
        "from mitokeras.runners.loading import load_runner\n"
        "run = load_runner(pathlib.Path(sys.argv[1]), 'segmenter', 8, 1)\n"
        "assert run(numpy.full((1, 8, 8, 3), 255, numpy.uint8)).min() == 1\n"
    )
    subprocess.run([sys.executable, "-c", program, str(path)], cwd=ROOT, check=True)
