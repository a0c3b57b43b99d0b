import errno
import logging
import subprocess
import sys
from pathlib import Path

import pytest

from mitokeras.disk.locks import sole_writer
from mitokeras.errors import one_line


def test_a_second_writer_is_refused_in_one_line(tmp_path: Path) -> None:
    place = tmp_path / "new" / "out"
    with sole_writer(place):
        with pytest.raises(PermissionError) as refused, sole_writer(place):
            raise RuntimeError("two writers")
        assert one_line(refused.value) == f"{place}: another program is writing there"
        with sole_writer(place.with_name("other")):
            pass
        assert [path.name for path in place.parent.iterdir()] == [".out.lock"]
    assert list(tmp_path.iterdir()) == []
    with sole_writer(place):
        place.mkdir()
    assert [path.name for path in place.parent.iterdir()] == ["out"]


def test_an_error_inside_frees_it(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="inside"), sole_writer(tmp_path / "a"):
        raise ValueError("inside")
    with sole_writer(tmp_path / "a"):
        pass
    assert list(tmp_path.iterdir()) == []


def test_another_name_of_the_place_is_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with sole_writer(tmp_path / "a"), pytest.raises(PermissionError), sole_writer(Path("a")):
        pass


def test_the_lock_of_a_killed_program_is_free(tmp_path: Path) -> None:
    code = (
        "import os, sys; from pathlib import Path; from mitokeras.disk.locks import sole_writer\n"
        "with sole_writer(Path(sys.argv[1])): os._exit(9)"
    )
    subprocess.run([sys.executable, "-c", code, str(tmp_path / "a")], check=False)
    assert [path.name for path in tmp_path.iterdir()] == [".a.lock"]
    with sole_writer(tmp_path / "a"):
        pass
    assert list(tmp_path.iterdir()) == []


def test_a_place_that_takes_no_lock_is_written_without(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def refuse(*arguments: object, **options: object) -> None:
        raise OSError(errno.EROFS, "Read-only file system")

    monkeypatch.setattr("mitokeras.disk.locks.FileLock.acquire", refuse)
    caplog.set_level(logging.DEBUG, "mitokeras.disk.locks")
    with sole_writer(tmp_path / "a"):
        (tmp_path / "a").touch()
    assert "written without a lock" in caplog.text


COUNT = """
import sys
from pathlib import Path
from mitokeras.disk.locks import sole_writer
number = Path(sys.argv[1])
for _ in range(1000):
    with sole_writer(number.parent, 60):
        number.write_text(str(int(number.read_text()) + 1))
"""


def test_programs_that_wait_for_one_another_lose_nothing(tmp_path: Path) -> None:
    """The lock's file is gone after each, so a program may wait for one that is no longer there."""
    number = tmp_path / "place" / "number"
    number.parent.mkdir()
    number.write_text("0")
    programs = [subprocess.Popen([sys.executable, "-c", COUNT, str(number)]) for _ in range(3)]
    assert [program.wait(timeout=300) for program in programs] == [0, 0, 0]
    assert number.read_text() == "3000"
    assert [path.name for path in tmp_path.iterdir()] == ["place"]
