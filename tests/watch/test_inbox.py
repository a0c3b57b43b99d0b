import logging
import os
from pathlib import Path

import pytest

from mitokeras.slides.footprint import Footprint
from mitokeras.watch.inbox import Inbox, Settling, Sight, result_names, superseded_names
from mitokeras.watch.notices import Notices
from tests.slides import noise_image
from tests.slides.dicom import write_dicom


def open_inbox(folder: Path, out: Path) -> Inbox:
    return Inbox(folder, out, Notices(folder, out, lambda: None))


def found(inbox: Inbox) -> list[str]:
    sights = inbox.look()
    inbox.close()
    assert sights is not None
    return sorted(sight.path.name for sight in sights)


def test_names_stay_when_more_slides_come(tmp_path: Path) -> None:
    inbox = open_inbox(tmp_path, tmp_path / "out")
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / "x.svs").touch()
    (before,) = inbox.look() or []
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "x.svs").touch()
    (tmp_path / "x.png").touch()
    (tmp_path / "x.tif").touch()
    after = {sight.path: sight.name for sight in inbox.look() or []}
    inbox.close()
    assert after[before.path] == before.name
    assert len(set(after.values())) == 4


def test_a_mirax_slide_is_one_and_its_folder_is_its_own(tmp_path: Path) -> None:
    (tmp_path / "a.mrxs").write_bytes(b"x")
    (tmp_path / "a").mkdir()
    inbox = open_inbox(tmp_path, tmp_path / "out")
    (before,) = inbox.look() or []
    (tmp_path / "a" / "Data0000.png").write_bytes(b"xyz")
    (after,) = inbox.look() or []
    inbox.close()
    assert (before.footprint.size_bytes, after.footprint.size_bytes) == (1, 4)


def test_the_dicom_files_of_a_folder_are_one_slide(tmp_path: Path) -> None:
    for name in ("1.dcm", "2.dcm", "3.DCM"):
        (tmp_path / "scan").mkdir(exist_ok=True)
        (tmp_path / "scan" / name).write_bytes(b"x")
    inbox = open_inbox(tmp_path, tmp_path / "out")
    (sight,) = inbox.look() or []
    inbox.close()
    assert sight.name == "scan/*.dcm"
    assert sight.footprint.size_bytes == 3
    assert sight.entrance().path.parent == sight.path.parent


def test_a_dicom_slide_has_the_name_of_its_series_in_whatever_order_its_files_come(
    tmp_path: Path,
) -> None:
    first, second = write_dicom(tmp_path / "made", noise_image(200, 200), series="1.2.3")
    (tmp_path / "in" / "scan").mkdir(parents=True)
    names = []
    for file, name in ((first, "9.dcm"), (second, "3.dcm")):
        file.rename(tmp_path / "in" / "scan" / name)
        inbox = open_inbox(tmp_path / "in", tmp_path / "out")
        (sight,) = inbox.look() or []
        inbox.close()
        names.append((sight.name, sight.entrance().name))
    assert names == [("scan/*.dcm", "scan/1.2.3.dcm")] * 2


def test_the_results_of_a_dicom_slide_are_named_after_its_series(tmp_path: Path) -> None:
    assert result_names("scan/*.dcm", tmp_path) == []
    for name in ("scan/1.2.3.dcm", "scan/S1.svs", "1.2.9.dcm"):
        (tmp_path / name).mkdir(parents=True)
    assert result_names("scan/*.dcm", tmp_path) == ["scan/1.2.3.dcm"]
    assert result_names("*.dcm", tmp_path) == ["1.2.9.dcm"]
    assert result_names("scan/S1.svs", tmp_path) == ["scan/S1.svs"]
    assert result_names("scan/S2.svs", tmp_path) == ["scan/S2.svs"]
    assert superseded_names("scan/1.2.9.dcm", tmp_path) == ["scan/1.2.3.dcm"]
    assert superseded_names("scan/1.2.3.dcm", tmp_path) == []
    assert superseded_names("scan/S2.svs", tmp_path) == []


@pytest.mark.skipif(os.name != "posix", reason="Windows has no such files")
def test_pipes_are_no_slides(tmp_path: Path) -> None:
    (tmp_path / "scan").mkdir()
    for name in ("a.png", "scan/0.dcm"):
        os.mkfifo(tmp_path / name)
    (tmp_path / "b.png").touch()
    assert found(open_inbox(tmp_path, tmp_path / "out")) == ["b.png"]
    (tmp_path / "scan" / "1.dcm").touch()
    (tmp_path / "b.png").unlink()
    inbox = open_inbox(tmp_path, tmp_path / "out")
    (sight,) = inbox.look() or []
    inbox.close()
    assert sight.entrance().path.name == "1.dcm"


@pytest.mark.skipif(os.name != "posix", reason="permissions as POSIX has them")
def test_one_folder_that_cannot_be_read_hides_no_other(tmp_path: Path) -> None:
    (tmp_path / "a.svs").touch()
    locked = tmp_path / "System Volume Information"
    locked.mkdir(mode=0o000)
    try:
        assert found(open_inbox(tmp_path, tmp_path / "out")) == ["a.svs"]
    finally:
        locked.chmod(0o700)


def test_an_empty_inbox_is_normal(tmp_path: Path) -> None:
    assert found(open_inbox(tmp_path, tmp_path / "out")) == []


def test_going_and_coming_are_logged_once(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    folder = tmp_path / "drive"
    folder.mkdir()
    inbox = open_inbox(folder, tmp_path / "out")
    with caplog.at_level(logging.INFO):
        assert inbox.look() == []
        folder.rmdir()
        assert inbox.look() is None
        assert inbox.look() is None
        folder.mkdir()
        assert inbox.look() == []
        assert inbox.look() == []
    inbox.close()
    assert [message.partition(str(folder))[0] for message in caplog.messages] == [
        "watching ",
        "waiting for ",
        "back again: ",
    ]


def test_a_sight_holds_until_the_file_changes(tmp_path: Path) -> None:
    path = tmp_path / "a.svs"
    path.write_bytes(b"x")
    inbox = open_inbox(tmp_path, tmp_path / "out")
    (sight,) = inbox.look() or []
    inbox.close()
    assert sight.holds()
    path.write_bytes(b"xy")
    assert not sight.holds()
    path.unlink()
    assert not sight.holds()


class Clock:
    now = 100.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr("mitokeras.watch.inbox.time", clock)
    return clock


def seen(name: str, size: int) -> Sight:
    return Sight(Path(name), name, Footprint(size_bytes=size, mtime_ns=5))


def test_a_slide_settles_when_it_has_not_changed_for_the_time(clock: Clock) -> None:
    settling = Settling(10)
    assert settling.update([seen("a", 1)]) == {}
    clock.now += 6
    assert settling.update([seen("a", 2), seen("b", 1)]) == {}
    clock.now += 6
    assert settling.update([seen("a", 2), seen("b", 1)]) == {}
    clock.now += 4
    assert settling.update([seen("a", 2), seen("b", 9)]) == {seen("a", 2): 10}


def test_a_slide_that_was_away_begins_anew(clock: Clock) -> None:
    settling = Settling(10)
    settling.update([seen("a", 1)])
    clock.now += 9
    settling.update([])
    clock.now += 9
    assert settling.update([seen("a", 1)]) == {}


def test_a_slide_is_announced_once(clock: Clock, caplog: pytest.LogCaptureFixture) -> None:
    settling = Settling(10)
    with caplog.at_level(logging.INFO):
        for size in (1, 2, 2):
            settling.update([seen("a\n", size)])
    assert caplog.messages == [r"found a\n"]


@pytest.mark.skipif(os.name != "posix", reason="Windows has no such names")
def test_a_name_that_is_not_unicode_is_found(tmp_path: Path) -> None:
    path = Path(os.fsdecode(os.fsencode(tmp_path) + b"/\xff.svs"))
    try:
        path.touch()
    except OSError:
        pytest.skip("this file system takes Unicode names only")
    assert found(open_inbox(tmp_path, tmp_path / "out")) == [path.name]
