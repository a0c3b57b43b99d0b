"""What is on the disk itself when a file or folder gets its name, and after."""

import errno
import os
from pathlib import Path

import pytest

from mitokeras.disk.files import atomic_folder, atomic_path
from mitokeras.disk.sync import sync_file, sync_folder, sync_tree

posix = pytest.mark.skipif(os.name != "posix", reason="folders are synced on POSIX systems only")


class Disk:
    """Files and folders that were synced, by what they were then."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.calls: list[str] = []
        self.synced: dict[int, int] = {}
        monkeypatch.setattr(os, "fsync", self.fsync)
        for name in ("rename", "replace"):
            monkeypatch.setattr(os, name, self.noting(name))

    def fsync(self, file: int) -> None:
        found = os.fstat(file)
        self.synced[found.st_ino] = found.st_mtime_ns
        self.calls.append("sync")

    def noting(self, name: str):
        act = getattr(os, name)

        def rename(source: Path, target: Path) -> None:
            here = source if name == "replace" else source.parent
            assert self.holds(source), f"{here} was renamed before it was on the disk"
            self.calls.append(name)
            act(source, target)

        return rename

    def holds(self, path: Path) -> bool:
        """Whether a cut now would leave all of a file or folder."""
        inside = [path, *path.rglob("*")] if path.is_dir() else [path]
        return all(self.synced.get(p.stat().st_ino) == p.stat().st_mtime_ns for p in inside)


@posix
def test_a_file_is_on_the_disk_before_it_has_its_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    disk = Disk(monkeypatch)
    with atomic_path(tmp_path / "a.txt") as partial:
        partial.write_text("new")
    assert disk.calls == ["sync", "replace", "sync"]
    assert disk.holds(tmp_path)


@posix
def test_a_folder_is_on_the_disk_before_it_has_its_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    disk = Disk(monkeypatch)
    for content in ("old", "new"):
        with atomic_folder(tmp_path / "a" / "b" / "c", replace=True) as folder:
            (folder / "deep").mkdir()
            (folder / "deep" / "file").write_text(content)
            (folder / "file").write_text(content)
        assert disk.holds(tmp_path / "a" / "b" / "c")
        assert content == "new" or disk.holds(tmp_path)  # then the old one is cleared away
    assert (tmp_path / "a" / "b" / "c" / "file").read_text() == "new"


def test_a_disk_that_does_not_take_it_fails_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a.txt").write_text("old")

    def full(file: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"), atomic_path(tmp_path / "a.txt") as partial:
        partial.write_text("new")
    with pytest.raises(OSError, match="No space"), atomic_folder(tmp_path / "b") as folder:
        (folder / "file").write_text("x")
    assert [path.name for path in tmp_path.iterdir()] == ["a.txt"]
    assert (tmp_path / "a.txt").read_text() == "old"


def test_a_file_system_that_knows_no_sync_is_written_to(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unknown(file: int) -> None:
        raise OSError(errno.EINVAL, "Invalid argument")

    monkeypatch.setattr(os, "fsync", unknown)
    (tmp_path / "a.txt").write_text("x")
    sync_file(tmp_path / "a.txt")
    sync_folder(tmp_path)
    sync_tree(tmp_path)
