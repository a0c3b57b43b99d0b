import errno
import hashlib
from pathlib import Path

import pytest

from mitokeras.disk.files import atomic_folder, atomic_path, read_json, sha256_of, write_json
from mitokeras.errors import ModelError, one_line


def test_the_old_file_stays_until_the_new_one_is_whole(tmp_path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("old")
    with pytest.raises(RuntimeError), atomic_path(path) as partial:
        partial.write_text("half")
        assert path.read_text() == "old"
        raise RuntimeError
    assert path.read_text() == "old"
    with atomic_path(path) as partial:
        assert partial.suffix == ".txt"
        partial.write_text("new")
    assert [p.name for p in tmp_path.iterdir()] == ["a.txt"]
    assert path.read_text() == "new"


def test_json_without_nan(tmp_path) -> None:
    path = tmp_path / "a.json"
    write_json(path, {"x": 1})
    with pytest.raises(ValueError, match="JSON"):
        write_json(path, {"x": float("nan")})
    assert path.read_text() == '{\n  "x": 1\n}\n'
    assert sha256_of(path) == hashlib.sha256(path.read_bytes()).hexdigest()


def test_a_folder_is_there_whole_or_not(tmp_path: Path) -> None:
    target = tmp_path / "a" / "b"
    with atomic_folder(target) as folder:
        (folder / "file").write_text("x")
        assert not target.exists()
    assert [path.name for path in target.iterdir()] == ["file"]
    assert [path.name for path in target.parent.iterdir()] == ["b"]

    with pytest.raises(ValueError, match="half way"), atomic_folder(tmp_path / "c" / "d") as folder:
        (folder / "file").write_text("x")
        raise ValueError("half way")
    assert [path.name for path in tmp_path.iterdir()] == ["a"]

    # What another program has put there meanwhile is kept, and the first error is raised.
    with pytest.raises(ValueError, match="half way"), atomic_folder(tmp_path / "c" / "d"):
        (tmp_path / "c" / "other").write_text("x")
        raise ValueError("half way")
    assert (tmp_path / "c" / "other").is_file()


def test_an_error_that_names_no_file_gets_the_one_that_was_written(tmp_path: Path) -> None:
    for writing in (atomic_path, atomic_folder):
        with pytest.raises(OSError) as caught, writing(tmp_path / "a"):
            raise OSError(errno.ENOSPC, "No space left on device")
        assert one_line(caught.value) == f"{tmp_path / 'a'}: No space left on device"
    assert list(tmp_path.iterdir()) == []


def test_json_that_is_none(tmp_path: Path) -> None:
    (tmp_path / "x.json").write_text("{")
    with pytest.raises(ModelError, match=r"x\.json: not a JSON file"):
        read_json(tmp_path / "x.json")
    (tmp_path / "x.json").write_text("[" * 100_000)
    with pytest.raises(ModelError, match=r"x\.json: not a JSON file: maximum recursion"):
        read_json(tmp_path / "x.json")
    with pytest.raises(ModelError, match=r"y\.json: missing"):
        read_json(tmp_path / "y.json")
