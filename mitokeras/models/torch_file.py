"""Tensors of a file that `torch.save` wrote, read without torch.

Before PyTorch 1.6 such a file was a row of pickles (a magic number, a version, facts of the
machine, the tensors by name, the keys of their storages) and then the bytes of each storage. Since
then it is a ZIP archive without compression: `data.pkl` has the tensors by name, `data/KEY` the
bytes of a storage.
"""

from __future__ import annotations

import io
import pickle
import zipfile
from collections import OrderedDict
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from mitokeras.errors import ModelError, reason_of

MAGIC = 0x1950A86A20F9469CFC6C
ARCHIVE = b"PK\x03\x04"

_TYPES: dict[str, np.dtype[Any]] = {
    "FloatStorage": np.dtype("<f4"),
    "LongStorage": np.dtype("<i8"),
}


class _Storage:
    """The type of a storage, which the file names but does not hold."""

    def __init__(self, dtype: np.dtype) -> None:
        self.dtype = dtype


class _View:
    """A tensor as a part of a storage whose bytes come later."""

    def __init__(
        self, key: str, offset: int, shape: tuple[int, ...], strides: tuple[int, ...], *_: Any
    ) -> None:
        self.key, self.offset, self.shape, self.strides = key, offset, shape, strides


class _Unpickler(pickle.Unpickler):
    """Admits tensors and ordered dictionaries of them, and nothing that could act."""

    def __init__(self, file: BinaryIO) -> None:
        super().__init__(file, encoding="utf-8")
        self.dtypes: dict[str, np.dtype] = {}

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) == ("collections", "OrderedDict"):
            return OrderedDict
        if (module, name) == ("torch._utils", "_rebuild_tensor_v2"):
            return _View
        if (module, name) == ("torch._utils", "_rebuild_parameter"):
            return _tensor_of_parameter
        if module == "torch" and name in _TYPES:
            return _Storage(_TYPES[name])
        raise pickle.UnpicklingError(f"{module}.{name} is no tensor")

    def persistent_load(self, pid: Any) -> str:
        _, storage, key, *_ = pid
        self.dtypes[key] = storage.dtype
        return str(key)


def read_torch_file(path: Path) -> dict[str, np.ndarray]:
    """Read the tensors of a state dictionary by their names.

    Raises:
        ModelError: The file is missing, of another kind, or holds something else than tensors.
    """
    try:
        with path.open("rb") as file:
            is_archive = file.read(len(ARCHIVE)) == ARCHIVE
            file.seek(0)
            return _read_archive(file) if is_archive else _read(file)
    except (
        OSError,
        pickle.UnpicklingError,
        zipfile.BadZipFile,
        AttributeError,
        KeyError,
        ValueError,
        TypeError,
        EOFError,
    ) as error:
        raise ModelError(
            f"{path}: not a readable torch file. Received: {reason_of(error)}"
        ) from error


def _tensor_of_parameter(data: _View, *_: Any) -> _View:
    return data


def _read_archive(file: BinaryIO) -> dict[str, np.ndarray]:
    with zipfile.ZipFile(file) as archive:
        for entry in archive.infolist():
            if entry.compress_type != zipfile.ZIP_STORED:  # so nothing is larger than the file
                raise ValueError(f"{entry.filename} is compressed")
        (top,) = (name for name in archive.namelist() if name.endswith("/data.pkl"))
        folder = top.removesuffix("data.pkl")
        order = f"{folder}byteorder"  # newer versions write it
        if order in archive.namelist() and archive.read(order) != b"little":
            raise ValueError("its numbers are big-endian")
        reader = _Unpickler(io.BytesIO(archive.read(top)))
        views: dict[str, _View] = reader.load()
        storages = {
            key: np.frombuffer(archive.read(f"{folder}data/{key}"), dtype)
            for key, dtype in reader.dtypes.items()
        }
    return {name: _tensor(view, storages[view.key]) for name, view in views.items()}


def _read(file: BinaryIO) -> dict[str, np.ndarray]:
    if _Unpickler(file).load() != MAGIC:
        raise ValueError("it does not begin as torch.save of before 1.6 does")
    _Unpickler(file).load()
    if not _Unpickler(file).load()["little_endian"]:
        raise ValueError("its numbers are big-endian")
    reader = _Unpickler(file)
    views: dict[str, _View] = reader.load()
    storages = {}
    for key in _Unpickler(file).load():
        dtype = reader.dtypes[key]
        length = int(np.frombuffer(file.read(8), "<i8")[0])
        storages[key] = np.frombuffer(file.read(length * dtype.itemsize), dtype, length)
    return {name: _tensor(view, storages[view.key]) for name, view in views.items()}


def _tensor(view: _View, storage: np.ndarray) -> np.ndarray:
    steps = [(size - 1) * stride for size, stride in zip(view.shape, view.strides, strict=True)]
    if min((view.offset, *steps)) < 0 or view.offset + sum(steps) >= len(storage):
        raise ValueError("a tensor lies outside of its storage")
    strides = [stride * storage.itemsize for stride in view.strides]
    part = storage[view.offset :]
    return np.lib.stride_tricks.as_strided(part, view.shape, strides, writeable=False).copy()
