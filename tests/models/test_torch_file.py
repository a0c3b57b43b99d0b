import pickle
import struct
import zipfile
from collections import OrderedDict
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mitokeras.errors import ModelError
from mitokeras.models.torch_file import MAGIC, read_torch_file
from tests.torch_files import Pickler, Stub, write_archive


def write(path: Path, tensors: dict[str, Any], data: np.ndarray, magic: int = MAGIC) -> Path:
    """A file of one storage, "0"."""
    with path.open("wb") as file:
        for part in (magic, 1001, {"little_endian": True}):
            pickle.dump(part, file, protocol=2)
        Pickler(file, protocol=2).dump(tensors)
        pickle.dump(["0"], file, protocol=2)
        file.write(struct.pack("<q", len(data)) + data.astype("<f4").tobytes())
    return path


def tensor(offset: int, shape: tuple[int, ...], strides: tuple[int, ...]) -> Stub:
    storage = Stub("storage", "storage", Stub("torch FloatStorage"), "0", "cpu", 12, None)
    return Stub("torch._utils _rebuild_tensor_v2", storage, offset, shape, strides, False, None)


def test_tensors_in_any_order_of_their_axes(tmp_path: Path) -> None:
    data = np.arange(12, dtype="f4")
    tensors = {"plain": tensor(0, (2, 3), (3, 1)), "turned": tensor(6, (3, 2), (1, 3))}
    found = read_torch_file(write(tmp_path / "a.pth", tensors, data))
    np.testing.assert_array_equal(found["plain"], data[:6].reshape(2, 3))
    np.testing.assert_array_equal(found["turned"], data[6:].reshape(2, 3).T)


@pytest.mark.parametrize(
    "part", [tensor(7, (2, 3), (3, 1)), tensor(0, (2, 3), (-3, 1)), tensor(-1, (2,), (1,))]
)
def test_a_tensor_outside_of_its_storage_is_refused(tmp_path: Path, part: Stub) -> None:
    path = write(tmp_path / "a.pth", {"a": part}, np.zeros(12, "f4"))
    with pytest.raises(ModelError, match=r"a\.pth: not a readable torch file.*outside"):
        read_torch_file(path)


def test_what_could_act_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path / "a.pth", {"a": Stub("os system", "true")}, np.zeros(1, "f4"))
    with pytest.raises(ModelError, match=r"os\.system is no tensor"):
        read_torch_file(path)


def test_other_files_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.pth"
    for content in (b"", b"PK\x03\x04", b"PK\x03\x04" + bytes(100), pickle.dumps(OrderedDict(a=1))):
        path.write_bytes(content)
        with pytest.raises(ModelError, match="not a readable torch file"):
            read_torch_file(path)
    with pytest.raises(ModelError, match="not a readable torch file"):
        read_torch_file(tmp_path / "none.pth")


def test_an_archive(tmp_path: Path) -> None:
    tensors = {
        "layer.weight": np.arange(6, dtype="f4").reshape(2, 3),
        "layer.num_batches_tracked": np.array(7, dtype="i8"),
    }
    found = read_torch_file(write_archive(tmp_path / "a.pth", tensors))
    assert found.keys() == tensors.keys()
    for name, expected in tensors.items():
        np.testing.assert_array_equal(found[name], expected)
        assert found[name].dtype == expected.dtype


def test_a_parameter_is_its_tensor(tmp_path: Path) -> None:
    parameter = Stub("torch._utils _rebuild_parameter", tensor(0, (3,), (1,)), True, OrderedDict())
    found = read_torch_file(write(tmp_path / "a.pth", {"a": parameter}, np.arange(12)))
    np.testing.assert_array_equal(found["a"], [0, 1, 2])


def test_archives_that_torch_does_not_write_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.pth"
    write_archive(path, {"a": np.zeros(3, "f4")}, zipfile.ZIP_DEFLATED)
    with pytest.raises(ModelError, match=r"a\.pth: not a readable torch file.*compressed"):
        read_torch_file(path)
    for name in ("archive/byteorder", "other/data.pkl"):
        write_archive(path, {"a": np.zeros(3, "f4")})
        with zipfile.ZipFile(path, "a") as archive:
            archive.writestr(name, "big")
        with pytest.raises(ModelError, match="not a readable torch file"):
            read_torch_file(path)
    write_archive(path, {"a": np.zeros(3, "f4")})
    path.write_bytes(path.read_bytes()[:-30])
    with pytest.raises(ModelError, match="not a readable torch file"):
        read_torch_file(path)
