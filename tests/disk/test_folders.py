from pathlib import Path

from mitokeras.disk.folders import find_folders, visible


def test_each_folder_is_found_once_and_links_are_followed(tmp_path: Path) -> None:
    for name in ("set/a/.hidden", "set/b", "far/c"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "set/far").symlink_to(tmp_path / "far")
    (tmp_path / "far/c/up").symlink_to(tmp_path / "set")  # leads back up
    (tmp_path / "set/a/b").symlink_to(tmp_path / "set/b")
    found = [path.relative_to(tmp_path).as_posix() for path in find_folders(tmp_path / "set")]
    assert found == ["set", "set/a", "set/a/b", "set/far", "set/far/c"]
    assert [path.name for path in visible(tmp_path / "set/a")] == ["b"]
