import errno
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from mitokeras.errors import DataError
from mitokeras.slides.footprint import footprint
from mitokeras.watch.attempts import Attempts
from tests.slides import noise_image
from tests.slides.dicom import write_dicom
from tests.watch.desk import Desk
from tests.watch.programs import wait_for


def test_a_slide_that_was_scanned_again_is_handled_again(desk: Desk) -> None:
    desk.put("a.svs")
    desk.watch()
    desk.put("a.svs", b"OK, sharper")
    desk.watch()
    assert desk.handled == ["a.svs", "a.svs"]


def test_bad_slides_are_set_aside_until_they_change(
    desk: Desk, log: pytest.LogCaptureFixture
) -> None:
    for name, data in (("a.svs", b"text"), ("b.svs", b"OK"), ("c.svs", b""), ("d.svs", b"OK")):
        desk.put(name, data)

    def during(path: Path) -> None:
        if path.name == "b.svs":
            raise DataError("tile (3, 4): damaged\nhere")

    desk.during = during
    assert desk.watch() == 3
    assert desk.watch() == 0
    assert desk.handled == ["d.svs"]
    reasons = sorted(desk.state().values())
    assert [reason.split()[0] for reason in reasons] == ["done"] + ["failed"] * 3
    assert "failed tile (3, 4): damaged here" in reasons
    assert len([message for message in log.messages if message.startswith("set aside")]) == 3
    assert (desk.inbox / "a.svs").read_bytes() == b"text"

    desk.put("a.svs", b"OK now")
    desk.watch()
    assert desk.handled == ["d.svs", "a.svs"]


def test_a_bug_that_one_slide_shows_leaves_its_trace(
    desk: Desk, log: pytest.LogCaptureFixture
) -> None:
    desk.put("a.svs")
    desk.put("b.svs")
    desk.during = lambda path: {"b.svs": 1}[path.name]
    assert desk.watch() == 1
    assert desk.handled == ["b.svs"]
    (record,) = [record for record in log.records if record.exc_info]
    assert record.getMessage().startswith("set aside") and "KeyError('a.svs')" in record.message


def test_a_slide_that_changes_while_it_is_handled_is_handled_again(desk: Desk) -> None:
    path = desk.put("a.svs")
    desk.during = lambda _: path.write_bytes(b"OK and more") if not desk.handled else None
    desk.watch()
    assert desk.handled == ["a.svs", "a.svs"]


def test_a_failure_of_a_slide_that_changed_meanwhile_does_not_count(desk: Desk) -> None:
    path = desk.put("a.svs")

    def during(_: Path) -> None:
        if path.stat().st_size < 10:
            path.write_bytes(b"OK, the rest of it")
            raise DataError("truncated")

    desk.during = during
    assert desk.watch() == 0
    assert desk.handled == ["a.svs"]


def test_a_full_disk_is_waited_out(desk: Desk, log: pytest.LogCaptureFixture) -> None:
    desk.put("a.svs")
    full = [True] * 3

    def during(_: Path) -> None:
        if full and full.pop():
            raise OSError(errno.ENOSPC, "No space left on device")

    desk.during = during
    with desk.watching():
        wait_for(lambda: desk.handled)
        wait_for(lambda: "going on" in log.messages)
    assert list(desk.state().values()) == ["done"]
    assert [message.split()[0] for message in log.messages if "found" not in message] == [
        "watching",
        "predicting",
        "waiting:",
        "done",
        "going",
        "stopped",
    ]
    assert log.messages[3].endswith(f"{desk.out}: No space left on device")


def test_a_locked_result_does_not_hold_up_other_slides(desk: Desk) -> None:
    for name in "abc":
        desk.put(f"{name}.svs")

    def during(path: Path) -> None:
        if path.name == "a.svs" and len(desk.handled) < 2:
            raise PermissionError(errno.EACCES, "denied", str(desk.out / "a" / "a.csv"))

    desk.during = during
    with desk.watching():
        wait_for(lambda: len(desk.handled) == 3)
    assert desk.handled == ["b.svs", "c.svs", "a.svs"]


def test_results_that_a_power_cut_spoiled_are_made_again_once(desk: Desk) -> None:
    desk.put("a.svs")
    desk.put("b.svs")
    desk.watch()
    desk.damaged = {"a.svs"}
    desk.watch()
    assert desk.handled == ["a.svs", "b.svs", "a.svs"]
    assert list(desk.state().values()) == ["done", "done"]


def test_names_that_print_alike_are_two_slides(desk: Desk) -> None:
    names = ["a\\n.svs", "a\n.svs"]
    for name in names:
        try:
            desk.put(name)
        except OSError:
            pytest.skip("this file system takes no such names")
    desk.watch()
    desk.watch()
    assert sorted(desk.handled) == sorted(names)
    assert len(desk.state()) == 2


@pytest.mark.parametrize("name", ["Watch.json", "index.html", "summary.csv"])
def test_a_folder_with_the_name_of_a_file_of_ours_holds_up_no_slide(desk: Desk, name: str) -> None:
    (desk.inbox / name).mkdir()
    desk.put(f"{name}/a.svs")
    desk.put("b.svs")
    assert desk.watch() == 1
    assert desk.handled == ["b.svs"]
    assert desk.state()["b.svs"] == "done"
    reason = desk.state()[f"{name}/a.svs"]
    assert "must not have the name of one of the watcher's own files" in reason


def test_want_of_memory_is_tried_again_after_the_others(
    desk: Desk, log: pytest.LogCaptureFixture
) -> None:
    for name in "abc":
        desk.put(f"{name}.svs")
    short = [True] * 3

    def during(path: Path) -> None:
        if path.name == "a.svs" and short and short.pop():
            raise MemoryError("Unable to allocate 3.2 GiB")

    desk.during = during
    with desk.watching():
        wait_for(lambda: len(desk.handled) == 3)
        wait_for(lambda: "going on" in log.messages)
    assert desk.handled == ["b.svs", "c.svs", "a.svs"]
    assert list(desk.state().values()) == ["done"] * 3
    waiting = [message for message in log.messages if message.startswith("waiting")]
    assert waiting == ["waiting: not enough memory on this computer for a.svs"]


def test_once_does_not_wait_for_memory_but_does_the_others(desk: Desk) -> None:
    desk.put("a.svs")
    desk.put("b.svs")

    def during(path: Path) -> None:
        if path.name == "a.svs":
            raise DataError("cannot be decoded") from MemoryError()

    desk.during = during
    with pytest.raises(DataError, match=r"not enough memory on this computer for a\.svs"):
        desk.watch()
    assert desk.state() == {"b.svs": "done"}
    assert not list((desk.out / ".watch").glob("*.attempt"))


def test_a_kill_between_the_record_and_the_end_of_an_attempt_leaves_none(desk: Desk) -> None:
    path = desk.put("a.svs")
    assert desk.watch() == 0
    Attempts(desk.out / ".watch").begin("a.svs", footprint(path))
    assert list((desk.out / ".watch").glob("*.attempt"))
    assert desk.watch() == 0
    assert desk.handled == ["a.svs"]
    assert not list((desk.out / ".watch").glob("*.attempt"))


class Listed:
    """The failures that a listing was last told of."""

    def __init__(self) -> None:
        self.failures: dict[str, str] = {}

    def write(self, failures: Mapping[str, str]) -> None:
        self.failures = dict(failures)

    def keep_up(self, failures: Mapping[str, str]) -> bool:
        self.write(failures)
        return True


def test_a_dicom_slide_is_asked_for_and_listed_by_the_name_of_its_results(desk: Desk) -> None:
    (desk.inbox / "scan").mkdir()
    files = write_dicom(desk.inbox / "scan", noise_image(200, 200), series="1.2.3")
    opens: dict[str, Any] = {"opens": lambda path: None}
    desk.watch(**opens)
    assert len(desk.handled) == 1
    (desk.out / "scan" / "1.2.3.dcm").mkdir(parents=True)
    desk.damaged = {"scan/1.2.3.dcm"}
    desk.watch(**opens)
    assert len(desk.handled) == 2
    desk.damaged = set()
    for file in files:
        file.write_bytes(b"cut off")
    listed = Listed()
    assert desk.watch(listing=listed) == 1
    assert list(listed.failures) == ["scan/1.2.3.dcm"]
