"""Files as torch writes them, written without it."""

import pickle
import zipfile
from collections import OrderedDict
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

STORAGES = {np.dtype("f4"): "torch FloatStorage", np.dtype("i8"): "torch LongStorage"}


class Stub:
    """Pickles as a call of a function of torch's."""

    def __init__(self, name: str, *arguments: Any) -> None:
        self.name, self.arguments = name, arguments


class Pickler(pickle._Pickler):  # the one in Python writes names of what is not there
    """Writes what torch would, without it."""

    def save(self, obj: Any, save_persistent_id: bool = True) -> None:
        if isinstance(obj, Stub) and obj.name == "storage":
            self.save(tuple(obj.arguments))
            self.write(pickle.BINPERSID)
        elif isinstance(obj, Stub):
            self.write(pickle.GLOBAL + obj.name.replace(" ", "\n").encode() + b"\n")
            if obj.arguments:
                self.save(obj.arguments)
                self.write(pickle.REDUCE)
        else:
            super().save(obj, save_persistent_id)


def write_archive(
    path: Path, tensors: Mapping[str, np.ndarray], compression: int = zipfile.ZIP_STORED
) -> Path:
    """A state dictionary as `torch.save` of 1.6 and later writes it, a storage for each tensor."""
    state: OrderedDict[str, Stub] = OrderedDict()
    with zipfile.ZipFile(path, "w", compression) as archive:
        for key, (name, tensor) in enumerate(tensors.items()):
            kind = Stub(STORAGES[tensor.dtype])
            storage = Stub("storage", "storage", kind, str(key), "cpu", tensor.size)
            strides = tuple(step // tensor.itemsize for step in tensor.strides)
            state[name] = Stub(
                "torch._utils _rebuild_tensor_v2", storage, 0, tensor.shape, strides, False,
                OrderedDict(),
            )  # fmt: skip
            archive.writestr(f"archive/data/{key}", tensor.tobytes())
        state._metadata = OrderedDict({"": {"version": 1}})  # type: ignore[attr-defined]
        with archive.open("archive/data.pkl", "w") as file:
            Pickler(file, protocol=2).dump(state)
        archive.writestr("archive/version", "3\n")
    return path
