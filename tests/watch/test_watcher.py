import errno
import os
import sys
import threading
import tracemalloc
from pathlib import Path

import pytest

from mitokeras.errors import DataError
from tests.watch.desk import Desk
from tests.watch.programs import wait_for


def test_each_slide_is_handled_once_across_restarts(desk: Desk) -> None:
    desk.put("a.svs")
    desk.put("b ü '<x>'.svs")
    assert desk.watch() == 0
    desk.put("c.svs")
    assert desk.watch() == 0
    assert desk.handled == ["a.svs", "b ü '<x>'.svs", "c.svs"]
    assert sorted(desk.state().values()) == ["done"] * 3


def test_one_line_an_event(desk: Desk, log: pytest.LogCaptureFixture) -> None:
    desk.put("a.svs")
    desk.watch()
    lines = [message.split()[0] for message in log.messages]
    assert lines == ["watching", "found", "predicting", "done", "stopped"]
    assert log.messages[3].endswith(": 1 mitosis")


def test_a_slide_that_grows_is_waited_for(desk: Desk) -> None:
    path = desk.put("a.svs", b"")
    opened: list[bytes] = []
    real = desk.opens
    desk.opens = lambda path: (opened.append(path.read_bytes()), real(path))[1]  # type: ignore
    sizes: list[int] = []
    desk.during = lambda path: sizes.append(path.stat().st_size)
    with desk.watching(settle_s=1.0, patience_s=1000):
        for _ in range(10):
            with path.open("ab") as file:
                file.write(b"OK" * 500)
            desk.stop.pause(0.1)
        wait_for(lambda: desk.handled)
    assert desk.handled == ["a.svs"]
    assert sizes == [10_000]


@pytest.mark.skipif(os.name != "posix", reason="permissions as POSIX has them")
def test_an_output_folder_that_vanishes_is_waited_for(
    desk: Desk, log: pytest.LogCaptureFixture
) -> None:
    with desk.watching():
        wait_for(lambda: (desk.out / ".watch" / "state.lock").exists())
        away = desk.out.rename(desk.out.with_name("away"))
        desk.put("a.svs")
        wait_for(lambda: any("waiting" in message for message in log.messages))
        assert not desk.out.exists() and not desk.handled
        away.rename(desk.out)
        wait_for(lambda: desk.handled)
    assert len([message for message in log.messages if "waiting" in message]) == 1


def test_an_inbox_that_vanishes_is_waited_for(desk: Desk, log: pytest.LogCaptureFixture) -> None:
    desk.put("a.svs")
    away = desk.inbox.rename(desk.inbox.with_name("away"))
    with desk.watching():
        wait_for(lambda: any("waiting for" in message for message in log.messages))
        away.rename(desk.inbox)
        wait_for(lambda: desk.handled)
    assert desk.handled == ["a.svs"]


def test_once_does_not_wait_for_what_may_never_come(desk: Desk) -> None:
    desk.inbox.rmdir()
    with pytest.raises(DataError, match="inbox must be a folder"):
        desk.watch()
    desk.inbox.write_text("file", encoding="utf-8")
    with pytest.raises(DataError, match="Received: a file"):
        desk.watch()
    desk.inbox.unlink()
    desk.inbox.mkdir()
    desk.put("a.svs")

    def during(_: Path) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    desk.during = during
    with pytest.raises(DataError, match=r"takes no results: .*No space left"):
        desk.watch()
    assert not (desk.out / "watch.json").exists()


def test_a_broken_state_file_ends_it_in_one_line(desk: Desk) -> None:
    desk.put("a.svs")
    desk.out.mkdir()
    (desk.out / "watch.json").write_text("{oops", encoding="utf-8")
    with pytest.raises(DataError, match=r"watch\.json: not the state of a watcher"):
        desk.watch()
    assert desk.handled == []
    assert (desk.out / "watch.json").read_text(encoding="utf-8") == "{oops"


def test_results_inside_the_inbox_are_no_slides(desk: Desk) -> None:
    desk.out = desk.inbox / "results"
    desk.put("a.svs")
    desk.during = lambda _: (desk.out / "overlay.png").write_bytes(b"OK")
    desk.watch()
    desk.watch()
    assert desk.handled == ["a.svs"]


def test_polling_alone_will_do(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "watchdog", None)
    with desk.watching():
        desk.put("a.svs")
        wait_for(lambda: desk.handled)
    assert desk.handled == ["a.svs"]


def test_a_notice_comes_before_the_next_look(desk: Desk) -> None:
    with desk.watching(interval_s=1000, settle_s=0):
        wait_for(lambda: (desk.out / ".watch" / "state.lock").exists())
        desk.put("a.svs")
        wait_for(lambda: desk.handled)


def test_a_stop_lets_the_slide_in_hand_end_and_begins_no_other(desk: Desk) -> None:
    desk.put("a.svs")
    desk.put("b.svs")
    desk.during = lambda _: desk.stop.request()
    desk.watch(once=False)
    assert desk.handled == ["a.svs"]
    assert list(desk.state().values()) == ["done"]


def test_memory_threads_and_files_stay_as_they_were(desk: Desk) -> None:
    """A second look at many slides takes no more memory than the first."""
    for number in range(100):
        desk.put(f"{number}.svs")
    desk.watch()
    threads = threading.active_count()
    files = len(os.listdir("/proc/self/fd")) if os.path.isdir("/proc/self/fd") else 0
    tracemalloc.start()
    try:
        desk.watch()
        before, _ = tracemalloc.get_traced_memory()
        for _ in range(3):
            desk.watch()
        after, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert after - before < 100_000
    assert threading.active_count() == threads
    assert not files or len(os.listdir("/proc/self/fd")) == files
    assert len(desk.handled) == 100


def test_results_beside_the_slides_are_refused(desk: Desk) -> None:
    inbox = desk.inbox
    for desk.out in (inbox, inbox.parent, inbox / "x" / ".."):
        with pytest.raises(DataError, match="must not be or lie in the output folder"):
            desk.watch()
    assert list(inbox.iterdir()) == []
