import errno
import os
from pathlib import Path

import pytest

from mitokeras.errors import DataError
from mitokeras.watch.trouble import MemoryTrouble, OutTrouble, trouble_of


@pytest.fixture
def out(tmp_path: Path) -> Path:
    (tmp_path / "out" / ".watch").mkdir(parents=True)
    return tmp_path / "out"


def judge(error: Exception, out: Path) -> bool:
    trouble = trouble_of(error, "a.svs", out, out / ".watch")
    assert trouble is None or isinstance(trouble, OutTrouble)
    return trouble is not None


def wrapped(cause: Exception) -> Exception:
    try:
        raise DataError("cannot write") from cause
    except DataError as error:
        return error


def test_a_full_disk_is_never_the_slides_fault(out: Path) -> None:
    full = OSError(errno.ENOSPC, "No space left on device")
    assert judge(full, out)
    assert judge(wrapped(full), out)


def test_a_locked_result_is_not_the_slides_fault(out: Path) -> None:
    assert judge(PermissionError(errno.EACCES, "denied", str(out / "a" / "a.csv")), out)
    moving = PermissionError(errno.EACCES, "denied", "elsewhere", None, str(out / "a.csv"))
    assert judge(moving, out)


@pytest.mark.parametrize(
    "error",
    [
        DataError("not a slide"),
        PermissionError(errno.EACCES, "denied", os.path.join("inbox", "a.svs")),
        OSError(errno.EIO, "Input/output error"),
        ValueError("bug"),
    ],
)
def test_the_slide_is_to_blame_where_the_folder_takes_files(out: Path, error: Exception) -> None:
    assert not judge(error, out)
    assert list((out / ".watch").iterdir()) == []


def test_a_folder_that_is_gone_is_to_blame(out: Path) -> None:
    (out / ".watch").rmdir()
    assert judge(DataError("cannot write"), out)


@pytest.mark.parametrize(
    "error",
    [
        MemoryError(),
        wrapped(MemoryError("Unable to allocate 3.2 GiB")),
        OSError(errno.ENOMEM, "Cannot allocate memory"),
        RuntimeError("can't start new thread"),
        RuntimeError("alloc.cpp:73: error: (-4:Insufficient memory) Failed to allocate 3 bytes"),
    ],
)
def test_want_of_memory_is_not_the_slides_fault(out: Path, error: Exception) -> None:
    trouble = trouble_of(error, "a.svs", out, out / ".watch")
    assert isinstance(trouble, MemoryTrouble)
    assert "not enough memory" in str(trouble) and "a.svs" in str(trouble)
