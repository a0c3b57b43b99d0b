"""Reading one damaged network or store, like `targets`; needs the packages of training.

These readers are slow beside those of `targets`, so they are fed by themselves.
"""

from __future__ import annotations

import io
import json
import tempfile
import zipfile
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import keras
import numpy as np
from onnx import TensorProto, helper

from mitokeras.data.fields import Field, Mark
from mitokeras.data.store import Store, write_store
from mitokeras.models.attention import ChannelAttention
from mitokeras.models.saving import save_model
from mitokeras.runners.loading import load_runner
from mitokeras.runners.runner import Role
from tests.fuzz import seeds
from tests.fuzz.targets import Folder, Target, judged

SIDE_PX = {"segmenter": 16, "classifier": 8}
MAX_READ_PX = 2**24
"""The pixels of a larger field are not read, which would take memory and tell nothing new."""


@cache
def keras_parts() -> dict[str, bytes]:
    """The members of a `.keras` file with layers of this package."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "segmenter.keras"
        side = SIDE_PX["segmenter"]
        image = keras.Input((side, side, 3), name="image")
        x = keras.layers.Conv2D(2, 1, name="conv")(image)
        x = keras.layers.Multiply(name="gate")([x, ChannelAttention(2, name="attention")(x)])
        x = keras.layers.Conv2D(1, 1, activation="sigmoid", name="probability")(x)
        save_model(keras.Model(image, x, name="segmenter"), path)
        with zipfile.ZipFile(path) as archive:
            return {name: archive.read(name) for name in archive.namelist()}


def zipped(parts: dict[str, bytes]) -> bytes:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as archive:
        for name, data in parts.items():
            archive.writestr(zipfile.ZipInfo(name), data)
    return written.getvalue()


@cache
def onnx_networks() -> dict[str, bytes]:
    return {"segmenter": _onnx("segmenter"), "classifier": _onnx("classifier")}


def _onnx(role: Role) -> bytes:
    """A convolution of three channels to one; of a crop, its mean."""
    side = SIDE_PX[role]
    nodes = [
        helper.make_node("Cast", ["image"], ["values"], to=TensorProto.FLOAT),
        helper.make_node("Transpose", ["values"], ["planes"], perm=[0, 3, 1, 2]),
        helper.make_node("Conv", ["planes", "kernel"], ["sums"], pads=[1, 1, 1, 1]),
        helper.make_node("Sigmoid", ["sums"], ["plane"]),
        helper.make_node("Transpose", ["plane"], ["map"], perm=[0, 2, 3, 1]),
    ]
    last = {
        "segmenter": helper.make_node("Identity", ["map"], ["probability"]),
        "classifier": helper.make_node(
            "ReduceMean", ["map"], ["probability"], axes=[1, 2], keepdims=0
        ),
    }[role]
    shape = ["n", side, side, 1] if role == "segmenter" else ["n", 1]
    kernel = np.linspace(-0.01, 0.01, 27).tolist()
    graph = helper.make_graph(
        [*nodes, last],
        "network",
        [helper.make_tensor_value_info("image", TensorProto.UINT8, ["n", side, side, 3])],
        [helper.make_tensor_value_info("probability", TensorProto.FLOAT, shape)],
        [helper.make_tensor("kernel", TensorProto.FLOAT, [1, 3, 3, 3], kernel)],
    )
    opset = [helper.make_opsetid("", 17)]
    model = helper.make_model(graph, opset_imports=opset, ir_version=8)
    return bytes(model.SerializeToString())


@cache
def store_file() -> bytes:
    """Two small fields in HDF5."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "a.png").write_bytes(seeds.picture(".png"))
        (folder / "b.png").write_bytes(seeds.picture(".png"))
        fields = [
            Field(folder / "a.png", "P1", 0.25, figures=(Mark(10.0, 12.0),), split="test"),
            Field(folder / "b.png", "P2", 0.25, lookalikes=(Mark(5.0, 6.0),)),
        ]
        write_store(fields, folder / "store.h5", 0.25, None)
        return (folder / "store.h5").read_bytes()


def network(suffix: str, role: Role, folder: Folder, data: bytes) -> bool:
    """A network of a bundle whose hash is right, loaded and run."""
    path = folder.fill({f"{role}{suffix}": data}) / f"{role}{suffix}"
    images = np.random.default_rng(0).integers(0, 256, (2, *[SIDE_PX[role]] * 2, 3), np.uint8)

    def read() -> None:
        keras.utils.clear_session(free_memory=False)  # to free it takes longer than all the rest
        load_runner(path, role, SIDE_PX[role])(images)

    return judged(read)


def keras_part(name: str, folder: Folder, data: bytes) -> bool:
    return network(".keras", "segmenter", folder, zipped({**keras_parts(), name: data}))


def store(folder: Folder, data: bytes) -> bool:
    path = folder.fill({"store.h5": data}) / "store.h5"

    def read() -> None:
        with Store(path) as found:
            for field in found.fields:
                assert field.area_mm2 > 0
                if field.height * field.width <= MAX_READ_PX:
                    image, mask = field.pixels()
                    assert image.shape == (field.height, field.width, 3)
                    assert mask.shape == image.shape[:2]
                    assert image.dtype == mask.dtype == np.uint8
                for points in (field.figures, field.lookalikes):
                    assert points.ndim == 2 and points.shape[1] == 2
                    assert np.isfinite(points).all()
                json.dumps((field.name, field.case, field.prescribed))

    return judged(read)


def all_targets() -> dict[str, tuple[Target, list[bytes]]]:
    """Each target with its seeds."""
    found: dict[str, tuple[Target, list[bytes]]] = {"store.h5": (store, [store_file()])}
    for role, data in onnx_networks().items():
        found[f"onnx/{role}"] = (_network(".onnx", role), [data])
    found["keras/whole"] = (_network(".keras", "segmenter"), [zipped(keras_parts())])
    for name, data in keras_parts().items():
        found[f"keras/{name}"] = (_part(name), [data])
    return found


def _network(suffix: str, role: Any) -> Callable[[Folder, bytes], bool]:
    return lambda folder, data: network(suffix, role, folder, data)


def _part(name: str) -> Callable[[Folder, bytes], bool]:
    return lambda folder, data: keras_part(name, folder, data)
