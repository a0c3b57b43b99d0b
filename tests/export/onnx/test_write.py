import json
import os
import subprocess
import sys
from pathlib import Path

import keras
import numpy as np
import onnx
import pytest

import mitokeras
from mitokeras.export.onnx.write import properties, sort, write_network
from mitokeras.export.trained.frozen import frozen
from mitokeras.models.classifiers import CLASSIFIERS, ResNetPreset, build_classifier
from mitokeras.models.ensembles import ensemble
from mitokeras.models.flips import mean_over_flips
from mitokeras.models.segmenters import build_segmenter
from mitokeras.models.segmenters.scmitosis import SCMITOSIS
from mitokeras.runners.keras import KerasRunner
from mitokeras.runners.onnx import load_runner
from mitokeras.runners.runner import Role
from tests.conftest import ROOT
from tests.detectors import make_spec


def segmenter(name: str) -> keras.Model:
    return build_segmenter(name, input_px=64, width=8)


def classifier(name: str) -> keras.Model:
    if isinstance(CLASSIFIERS[name], ResNetPreset):
        return build_classifier(name, input_px=64, crop_px=32, width=8)
    return build_classifier(name, input_px=64, crop_px=32)


def settled(model: keras.Model) -> keras.Model:
    """The model with weights as after a training: all matter, none lets the signal fade."""
    rng = np.random.default_rng(0)
    for weight in model.trainable_weights:
        if weight.path.endswith(("bias", "beta", "gamma")):
            weight.assign(weight + rng.normal(0, 0.1, weight.shape))
    for layer in model.layers:
        if isinstance(layer, keras.layers.BatchNormalization):
            layer.momentum = 0.0  # takes the statistics of the next batch
    model(images_for(model, 8).astype(np.float32), training=True)
    return model


def images_for(model: keras.Model, number: int) -> np.ndarray:
    """Noise of different brightness."""
    side = model.input_shape[1]
    noise = np.random.default_rng(1).integers(0, 256, (number, side, side, 3), dtype=np.uint8)
    return noise // np.arange(1, number + 1, dtype=np.uint8)[:, None, None, None]


def check_equal(path: Path, role: Role, model: keras.Model) -> None:
    runner = load_runner(path, role, threads=1)
    images = images_for(model, 4)
    expected = KerasRunner(model)(images)
    assert np.ptp(expected) > 0.01
    np.testing.assert_allclose(runner(images), expected, atol=1e-4)
    np.testing.assert_allclose(runner(images[:1]), expected[:1], atol=1e-4)


@pytest.fixture(scope="module")
def model() -> keras.Model:
    return settled(segmenter("tiny"))


@pytest.fixture(scope="module")
def path(model: keras.Model, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("onnx") / "segmenter.onnx"
    write_network(frozen(model), path, {"role": "segmenter", "tile_px": "64"})
    return path


def test_segmenter_equals_keras(path: Path, model: keras.Model) -> None:
    check_equal(path, "segmenter", model)


@pytest.mark.parametrize("name", ["edge", "dsc_cbam_gru"])
def test_many_windows_equal_keras(name: str, tmp_path: Path) -> None:
    model = settled(build_segmenter(name, input_px=64, width=8, window_px=32))
    write_network(frozen(model), tmp_path / "segmenter.onnx", {})
    check_equal(tmp_path / "segmenter.onnx", "segmenter", model)


@pytest.mark.slow
@pytest.mark.parametrize("name", [x for x in SCMITOSIS if "_" in x and x != "dscrb_csag"])
def test_ablations_equal_keras(name: str, tmp_path: Path) -> None:
    model = settled(segmenter(name))
    write_network(frozen(model), tmp_path / "segmenter.onnx", {})
    check_equal(tmp_path / "segmenter.onnx", "segmenter", model)


@pytest.mark.parametrize(
    "name", ["edge", *(pytest.param(x, marks=pytest.mark.slow) for x in CLASSIFIERS if x != "edge")]
)
def test_classifiers_equal_keras(name: str, tmp_path: Path) -> None:
    model = settled(classifier(name))
    write_network(frozen(model), tmp_path / "classifier.onnx", {"role": "classifier"})
    check_equal(tmp_path / "classifier.onnx", "classifier", model)


def test_an_ensemble_equals_keras(tmp_path: Path) -> None:
    members = [
        settled(build_classifier("edge", input_px=64, crop_px=px, width=8)) for px in (48, 64)
    ]
    model = mean_over_flips(ensemble(members, 64))
    write_network(frozen(model), tmp_path / "classifier.onnx", {"role": "classifier"})
    check_equal(tmp_path / "classifier.onnx", "classifier", model)


def test_the_mean_over_flips_equals_keras(tmp_path: Path) -> None:
    model = mean_over_flips(settled(classifier("edge")))
    write_network(frozen(model), tmp_path / "classifier.onnx", {"role": "classifier"})
    check_equal(tmp_path / "classifier.onnx", "classifier", model)


def dimensions(value: onnx.ValueInfoProto) -> list[int | str]:
    return [d.dim_param or d.dim_value for d in value.type.tensor_type.shape.dim]


def test_what_the_file_says(path: Path) -> None:
    file = onnx.load(path)
    assert [(x.domain, x.version) for x in file.opset_import] == [("", 17)]
    assert {node.domain for node in file.graph.node} == {""}
    (image,), (probability,) = file.graph.input, file.graph.output
    assert (image.name, dimensions(image)) == ("image", ["batch", 64, 64, 3])
    assert image.type.tensor_type.elem_type == onnx.TensorProto.UINT8
    assert (probability.name, dimensions(probability)) == ("probability", ["batch", 64, 64, 1])
    assert probability.type.tensor_type.elem_type == onnx.TensorProto.FLOAT
    assert {p.key: p.value for p in file.metadata_props} == {"role": "segmenter", "tile_px": "64"}
    assert (file.producer_name, file.producer_version) == ("mitokeras", mitokeras.__version__)
    onnx.checker.check_model(file, full_check=True)


def test_names_are_those_of_the_layers(path: Path, model: keras.Model) -> None:
    graph = onnx.load(path).graph
    names = {node.name for node in graph.node}
    assert len(names) == len(graph.node)
    for layer in model.layers:
        if isinstance(layer, (keras.layers.DepthwiseConv2D, keras.layers.ReLU)):
            assert any(f"/{layer.name}" in name for name in names)
    made = [name for node in graph.node for name in node.output]
    tensors = [*made, *(x.name for x in graph.initializer), "image"]
    assert len(set(tensors)) == len(tensors)


def test_borders_are_transposed_once(path: Path) -> None:
    graph = onnx.shape_inference.infer_shapes(onnx.load(path)).graph
    shapes = {x.name: dimensions(x) for x in graph.value_info}
    transposed = [shapes[node.input[0]] for node in graph.node if node.op_type == "Transpose"]
    of_rgb = [shape for shape in transposed if shape[-1] == 3]
    assert of_rgb == [["batch", 64, 64, 3]]
    # One channel is in order either way.
    assert not [shape for shape in transposed if shape[1:] == [1, 64, 64]]


def test_equal_networks_give_equal_bytes(path: Path, model: keras.Model, tmp_path: Path) -> None:
    copy = segmenter("tiny")
    copy.set_weights(model.get_weights())
    write_network(frozen(copy), tmp_path / "a.onnx", {"role": "segmenter", "tile_px": "64"})
    assert (tmp_path / "a.onnx").read_bytes() == path.read_bytes()


def test_nodes_are_sorted_as_they_are_read() -> None:
    make = onnx.helper.make_node
    left, right = make("Relu", ["image"], ["left"]), make("Sigmoid", ["image"], ["right"])
    twice = make("Mul", ["right", "right"], ["twice"])
    total = make("Add", ["twice", "left"], ["probability"])
    tensors = [
        onnx.helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, [1])
        for name in ("image", "probability")
    ]
    for nodes in ([left, right, twice, total], [right, twice, left, total]):
        graph = onnx.helper.make_graph(nodes, "graph", tensors[:1], tensors[1:])
        sort(graph)
        assert list(graph.node) == [right, twice, left, total]


@pytest.mark.slow
def test_equal_bytes_in_another_process(tmp_path: Path) -> None:
    program = (
        "import pathlib, sys, keras, mitokeras; mitokeras.__path__.append(sys.argv[1])\n"
        "from mitokeras.export.trained.frozen import frozen\n"
        "from mitokeras.export.onnx.write import write_network\n"
        "from mitokeras.models.segmenters import build_segmenter\n"
        "keras.utils.set_random_seed(0)\n"
        "model = build_segmenter('tiny', input_px=64)\n"
        "write_network(frozen(model), pathlib.Path(sys.argv[2]), {})\n"
    )
    files = [tmp_path / f"{seed}.onnx" for seed in (0, 1)]
    for seed, file in enumerate(files):  # sets of strings change their order with it
        subprocess.run(
            [sys.executable, "-c", program, str(ROOT), str(file)],
            env={**os.environ, "PYTHONHASHSEED": str(seed)},
            check=True,
        )
    assert files[0].read_bytes() == files[1].read_bytes()


SPEC = make_spec(halo_px=16, segmenter_threshold=0.4, classifier_threshold=0.2, min_area_px=100)


def test_properties() -> None:
    shared = {
        "mitokeras_version": mitokeras.__version__,
        "spacing_um_px": "0.25",
        "color_order": "RGB",
        "value_range": "[0, 255]",
        "stain": '{"policy": "none"}',
    }
    assert properties(SPEC, "segmenter") == shared | {
        "role": "segmenter",
        "tile_px": "64",
        "halo_px": "16",
        "tiling": "halo",
        "segmenter_threshold": "0.4",
        "min_area_px": "100",
    }
    assert properties(SPEC, "classifier") == shared | {
        "role": "classifier",
        "crop_px": "32",
        "classifier_threshold": "0.2",
    }
    stain = {"policy": "macenko", "stains": [[0.5, 0.25]]}
    said = properties(SPEC.model_copy(update={"stain": stain}), "segmenter")
    assert json.loads(said["stain"]) == stain
