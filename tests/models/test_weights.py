from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
from numpy.lib.stride_tricks import sliding_window_view
from safetensors.numpy import save_file

from mitokeras.errors import ModelError
from mitokeras.models.classifiers import build_classifier

SMALL: dict[str, Any] = {"width": 4, "blocks": (1, 2, 1, 1), "input_px": 32}


def torch_resnet(blocks: tuple[int, ...], width: int, seed: int = 0) -> dict[str, np.ndarray]:
    """Random tensors with torchvision's names and shapes."""
    rng = np.random.default_rng(seed)
    tensors = {}

    def conv(name: str, outputs: int, inputs: int, side: int) -> None:
        scale = (2 / (inputs * side * side)) ** 0.5
        shape = (outputs, inputs, side, side)
        tensors[f"{name}.weight"] = (rng.standard_normal(shape, "float32") * scale).astype("f4")

    def bn(name: str, channels: int) -> None:
        for suffix in ("weight", "bias", "running_mean", "running_var"):
            tensors[f"{name}.{suffix}"] = rng.uniform(0.5, 1.5, channels).astype("f4")
        tensors[f"{name}.num_batches_tracked"] = np.array(7)

    conv("conv1", width, 3, 7)
    bn("bn1", width)
    inputs = width
    for stage, count in enumerate(blocks):
        outputs = width * 2**stage
        for block in range(count):
            name = f"layer{stage + 1}.{block}"
            conv(f"{name}.conv1", outputs, inputs, 3)
            bn(f"{name}.bn1", outputs)
            conv(f"{name}.conv2", outputs, outputs, 3)
            bn(f"{name}.bn2", outputs)
            if stage and not block:
                conv(f"{name}.downsample.0", outputs, inputs, 1)
                bn(f"{name}.downsample.1", outputs)
            inputs = outputs
    tensors["fc.weight"] = np.zeros((1000, inputs), "f4")
    tensors["fc.bias"] = np.zeros(1000, "f4")
    return tensors


def torch_forward(
    tensors: dict[str, np.ndarray], blocks: tuple[int, ...], image: np.ndarray
) -> np.ndarray:
    """torchvision's ResNet up to its last stage in NumPy, (channels, height, width)."""

    def conv(x: np.ndarray, name: str, stride: int, padding: int) -> np.ndarray:
        kernel = tensors[f"{name}.weight"]
        x = np.pad(x, ((0, 0), (padding, padding), (padding, padding)))
        windows = sliding_window_view(x, kernel.shape[2:], axis=(1, 2))[:, ::stride, ::stride]
        return np.einsum("chwij,ocij->ohw", windows, kernel)

    def bn(x: np.ndarray, name: str) -> np.ndarray:
        weight, bias, mean, var = (
            tensors[f"{name}.{suffix}"][:, None, None]
            for suffix in ("weight", "bias", "running_mean", "running_var")
        )
        return (x - mean) / np.sqrt(var + 1e-5) * weight + bias

    mean, std = np.array([[0.485, 0.456, 0.406], [0.229, 0.224, 0.225]])
    x = ((image / 255 - mean) / std).transpose(2, 0, 1)
    x = np.maximum(bn(conv(x, "conv1", 2, 3), "bn1"), 0)
    x = np.pad(x, ((0, 0), (1, 1), (1, 1)), constant_values=-np.inf)
    x = sliding_window_view(x, (3, 3), axis=(1, 2))[:, ::2, ::2].max(axis=(-1, -2))
    for stage, count in enumerate(blocks):
        for block in range(count):
            name, stride = f"layer{stage + 1}.{block}", 2 if stage and not block else 1
            main = np.maximum(bn(conv(x, f"{name}.conv1", stride, 1), f"{name}.bn1"), 0)
            main = bn(conv(main, f"{name}.conv2", 1, 1), f"{name}.bn2")
            if f"{name}.downsample.0.weight" in tensors:
                x = bn(conv(x, f"{name}.downsample.0", stride, 0), f"{name}.downsample.1")
            x = np.maximum(main + x, 0)
    return x


@pytest.mark.parametrize("width", [4, 16])
def test_torch_weights_give_torchs_features(width: int, tmp_path: Path) -> None:
    blocks = (1, 2, 1, 1)
    tensors = torch_resnet(blocks, width)
    save_file(tensors, tmp_path / "resnet.safetensors")
    model = build_classifier(
        "resnet18",
        input_px=64,
        weights=tmp_path / "resnet.safetensors",
        width=width,
        blocks=blocks,
    )
    image = np.random.default_rng(1).integers(0, 256, (64, 64, 3)).astype("float32")
    features = keras.Model(model.input, model.get_layer("layer4_0_relu2").output)(image[None])
    expected = torch_forward(tensors, blocks, image).transpose(1, 2, 0)
    np.testing.assert_allclose(features[0], expected, rtol=1e-3, atol=1e-3 * expected.max())


@pytest.mark.parametrize(
    ("name", "blocks"), [("resnet18", (2, 2, 2, 2)), ("resnet34", (3, 4, 6, 3))]
)
def test_torch_names_at_full_width(name: str, blocks: tuple[int, ...], tmp_path: Path) -> None:
    tensors = torch_resnet(blocks, 64)
    save_file(tensors, tmp_path / "model.safetensors")
    model = build_classifier(name, weights=str(tmp_path / "model.safetensors"))
    kernel = model.get_layer("layer3_1_conv2").kernel.numpy()
    np.testing.assert_array_equal(kernel.transpose(3, 2, 0, 1), tensors["layer3.1.conv2.weight"])
    variance = model.get_layer("layer2_0_downsample_1").moving_variance.numpy()
    np.testing.assert_array_equal(variance, tensors["layer2.0.downsample.1.running_var"])


@pytest.mark.parametrize("suffix", [".keras", ".weights.h5"])
def test_keras_files_round_trip(suffix: str, tmp_path: Path) -> None:
    path = tmp_path / f"model{suffix}"
    model = build_classifier("resnet18", **SMALL)
    model.save(path) if suffix == ".keras" else model.save_weights(path)
    again = build_classifier("resnet18", weights=path, **SMALL)
    for a, b in zip(model.weights, again.weights, strict=True):
        np.testing.assert_array_equal(a.numpy(), b.numpy(), err_msg=a.path)


@pytest.mark.parametrize("suffix", [".keras", ".weights.h5", ".safetensors"])
def test_unreadable_file(suffix: str, tmp_path: Path) -> None:
    path = tmp_path / f"model{suffix}"
    path.write_bytes(b"no weights")
    with pytest.raises(ModelError, match=f"model{suffix}: ") as raised:
        build_classifier("resnet18", weights=path, **SMALL)
    assert "\n" not in str(raised.value)


def test_missing_and_unknown_files(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"absent\.keras: no such weights file"):
        build_classifier("edge", weights=tmp_path / "absent.keras")
    with pytest.raises(ModelError, match=r"'imagenet' or a \.keras, .*weights\.tar"):
        build_classifier("edge", weights="weights.tar")
    for suffix in (".safetensors", ".pth"):
        (tmp_path / f"a{suffix}").touch()
        with pytest.raises(ModelError, match=f"{suffix} weights fit the ResNets of basic blocks"):
            build_classifier("resnet50", input_px=32, weights=tmp_path / f"a{suffix}")


def change(tensors: dict[str, np.ndarray], kind: str) -> dict[str, np.ndarray]:
    """A torch file with one fault."""
    if kind == "missing":
        del tensors["layer2.1.bn2.running_var"]
    elif kind == "shape":
        tensors["conv1.weight"] = tensors["conv1.weight"][:, :, :5, :5].copy()
    else:
        tensors["layer1.1.conv1.weight"] = tensors["layer1.0.conv1.weight"]
    return tensors


@pytest.mark.parametrize(
    ("kind", "message"),
    [
        ("missing", r"lacks the tensor layer2\.1\.bn2\.running_var"),
        ("shape", r"conv1\.weight must have shape \(7, 7, 3, 4\)\. Received: \(5, 5, 3, 4\)"),
        ("extra", r"holds a tensor that classifier_resnet18 lacks: layer1\.1\.conv1\.weight"),
    ],
)
def test_torch_file_that_does_not_fit(kind: str, message: str, tmp_path: Path) -> None:
    path = tmp_path / "model.safetensors"
    save_file(change(torch_resnet(SMALL["blocks"], SMALL["width"]), kind), path)
    with pytest.raises(ModelError, match=rf"model\.safetensors: {message}"):
        build_classifier("resnet18", weights=path, **SMALL)


@pytest.mark.parametrize("suffix", [".keras", ".weights.h5"])
def test_keras_file_of_another_width(suffix: str, tmp_path: Path) -> None:
    path = tmp_path / f"model{suffix}"
    model = build_classifier("resnet18", **SMALL | {"width": 6})
    model.save(path) if suffix == ".keras" else model.save_weights(path)
    with pytest.raises(ModelError, match=rf"model{suffix}: .*conv1") as raised:
        build_classifier("resnet18", weights=path, **SMALL)
    assert "\n" not in str(raised.value)


def test_keras_file_of_another_depth(tmp_path: Path) -> None:
    build_classifier("resnet18", **SMALL | {"blocks": (1, 1, 1, 1)}).save(tmp_path / "m.keras")
    with pytest.raises(ModelError, match=r"m\.keras: lacks the tensor layer2_1_conv1/kernel"):
        build_classifier("resnet18", weights=tmp_path / "m.keras", **SMALL)
