import gc
import hashlib
import json
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
import pytest
from bioimageio.spec import load_description
from bioimageio.spec.model.v0_5 import ModelDescr
from onnx import TensorProto, helper, numpy_helper
from PIL import Image

from mitokeras.detect.spec import DetectorSpec, ModelFile
from mitokeras.export.onnx.bioimageio import write_bioimageio
from mitokeras.runners.runner import Role
from tests.detectors import make_spec

TILE = 64
ROLES: tuple[Role, ...] = ("segmenter", "classifier")


def write_network(path: Path, tile: int, scale: float = 1.0) -> None:
    """An ONNX network whose probability is the mean of the channels, from RGB 0 to 255."""
    divisor = numpy_helper.from_array(np.array(255 / scale, np.float32), "divisor")
    graph = helper.make_graph(
        [
            helper.make_node("Cast", ["image"], ["float"], to=TensorProto.FLOAT),
            helper.make_node("ReduceMean", ["float"], ["mean"], axes=[3], keepdims=1),
            helper.make_node("Div", ["mean", "divisor"], ["probability"]),
        ],
        "network",
        [helper.make_tensor_value_info("image", TensorProto.UINT8, ["n", tile, tile, 3])],
        [helper.make_tensor_value_info("probability", TensorProto.FLOAT, ["n", tile, tile, 1])],
        [divisor],
    )
    opset = [helper.make_opsetid("", 17)]
    onnx.save(helper.make_model(graph, opset_imports=opset, ir_version=8), path)


def detector_spec(folder: Path, **changes: Any) -> DetectorSpec:
    models = {}
    for role in ROLES:
        path = folder / f"{role}.onnx"
        sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
        models[role] = ModelFile(file=path.name, sha256=sha256)
    return make_spec(
        segmenter_threshold=0.65,
        classifier_threshold=0.35,
        thresholds_chosen="on 2 validation fields",
        min_area_px=100,
        data_sha256="d" * 64,
        models=models,
    ).model_copy(update=changes)


def run_onnx(path: Path, images: np.ndarray) -> np.ndarray:
    return onnxruntime.InferenceSession(path).run(None, {"image": images})[0]


def write_bundle(
    folder: Path, license_id: str | None = "Apache-2.0", scale: float = 1.0, **changes: Any
) -> DetectorSpec:
    """Write an ONNX bundle with its description."""
    write_network(folder / "segmenter.onnx", TILE, scale)
    write_network(folder / "classifier.onnx", 32)
    spec = detector_spec(folder, **changes)
    (folder / "detector.json").write_text(json.dumps(spec.model_dump(mode="json")))
    (folder / "MODEL_CARD.md").write_text("# A model\n\n## Validation and test\n")
    tile = np.random.default_rng(0).integers(0, 256, (1, TILE, TILE, 3), dtype=np.uint8)
    write_bioimageio(
        folder,
        spec,
        tile,
        run_onnx(folder / "segmenter.onnx", tile),
        name="edge: a/b, ONNX",
        license_id=license_id,
    )
    return spec


def read(folder: Path) -> Any:
    """The description as bioimageio.spec reads it, with a look into each file."""
    with warnings.catch_warnings():
        # bioimageio.spec leaves closing its files to the garbage collection
        warnings.simplefilter("ignore", ResourceWarning)
        description = load_description(folder / "rdf.yaml", perform_io_checks=True)
        gc.collect()
    return description


MAINTAINER = "Missing `maintainers` or any author in `authors` with a specified `github_user` name."
"""Who answers for a model on GitHub is for its publisher to state."""


def load(folder: Path) -> tuple[Any, list[str]]:
    """A valid description, and what bioimageio.spec warns of but a maintainer."""
    description = read(folder)
    details = description.validation_summary.details
    assert [error.msg for detail in details for error in detail.errors] == []
    assert isinstance(description, ModelDescr)
    warned = [warning for detail in details for warning in detail.warnings]
    places = {".".join(map(str, one.loc)) for one in warned if one.msg != MAINTAINER}
    return description, sorted(places)


def test_bioimageio_accepts_the_description(tmp_path: Path) -> None:
    write_bundle(tmp_path)
    description, warned = load(tmp_path)
    assert description.validation_summary.status == "valid-format"
    assert warned == []
    assert description.name == "mitokeras segmenter edge- a-b- ONNX"


def test_the_described_tensors_are_those_of_the_file(tmp_path: Path) -> None:
    spec = write_bundle(tmp_path)
    description, _ = load(tmp_path)
    (image,), (probability,) = description.inputs, description.outputs
    session = onnxruntime.InferenceSession(tmp_path / description.weights.onnx.source.path)
    assert [image.id] == [tensor.name for tensor in session.get_inputs()]
    assert [probability.id] == [tensor.name for tensor in session.get_outputs()]
    assert [axis.size for axis in image.axes] == [None, TILE, TILE, 3]
    assert [axis.id for axis in probability.axes] == ["batch", "y", "x", "channel"]
    assert [axis.halo for axis in probability.axes[1:3]] == [8, 8]
    assert {axis.scale for axis in (*image.axes[1:3], *probability.axes[1:3])} == {0.25}
    assert image.data.range == (0, 255)
    # the one step that bioimageio.spec adds by itself changes nothing
    assert [step.id for step in image.preprocessing] == ["ensure_dtype"]
    assert image.preprocessing[0].kwargs.dtype == "uint8"
    assert description.weights.onnx.opset_version == 17
    assert str(description.weights.onnx.sha256) == spec.models["segmenter"].sha256


def test_the_file_reproduces_the_test_tensors(tmp_path: Path) -> None:
    write_bundle(tmp_path)
    description, _ = load(tmp_path)
    tile, expected = (
        np.load(tmp_path / tensor.test_tensor.source.path)
        for tensor in (*description.inputs, *description.outputs)
    )
    assert (tile.dtype, expected.dtype) == (np.uint8, np.float32)
    np.testing.assert_allclose(run_onnx(tmp_path / "segmenter.onnx", tile), expected, rtol=1e-5)
    assert expected.max() > 0.5
    seen, answer = (
        np.asarray(Image.open(tmp_path / tensor.sample_tensor.source.path))
        for tensor in (*description.inputs, *description.outputs)
    )
    np.testing.assert_array_equal(seen, tile[0])
    np.testing.assert_allclose(answer / 255, expected[0, ..., 0], atol=0.5 / 255 + 1e-6)


@pytest.mark.parametrize("scale, allowed", [(1.0, 1e-3), (1e-2, 1e-4)])
def test_tolerances_are_those_allowed(tmp_path: Path, scale: float, allowed: float) -> None:
    write_bundle(tmp_path, scale=scale)
    description, _ = load(tmp_path)
    (tolerance,) = description.config.bioimageio.reproducibility_tolerance
    assert 0.9 * allowed <= tolerance.absolute_tolerance <= allowed


def test_a_detector_without_halo_is_described(tmp_path: Path) -> None:
    write_bundle(tmp_path, halo_px=0)
    description, _ = load(tmp_path)
    assert not hasattr(description.outputs[0].axes[1], "halo")


def test_a_licence_that_is_not_known_is_left_out(tmp_path: Path) -> None:
    write_bundle(tmp_path, license_id=None)
    description, warned = load(tmp_path)
    assert description.license is None
    assert warned == ["license"]


def test_other_weights_are_refused(tmp_path: Path) -> None:
    write_bundle(tmp_path)
    write_network(tmp_path / "segmenter.onnx", TILE, scale=0.5)
    summary = read(tmp_path).validation_summary
    assert summary.status == "failed"
    assert "SHA256 mismatch" in str(
        [error.msg for detail in summary.details for error in detail.errors]
    )


def test_stain_normalisation_is_in_the_description(tmp_path: Path) -> None:
    write_bundle(tmp_path)
    assert "normalisation" not in load(tmp_path)[0].description
    write_bundle(tmp_path, stain={"policy": "macenko"})
    assert "after macenko stain normalisation (detector.json)" in load(tmp_path)[0].description
