import sys
import threading
from pathlib import Path

import pytest

from mitokeras.watch.notices import Notices


def test_a_new_file_in_a_new_folder_wakes_but_results_do_not(tmp_path: Path) -> None:
    woken = threading.Event()
    out = tmp_path / "out"
    out.mkdir()
    notices = Notices(tmp_path, out, woken.set)
    before = threading.active_count()
    notices.start()
    try:
        (out / "result.csv").write_text("x", encoding="utf-8")
        assert not woken.wait(0.5)
        (tmp_path / "day").mkdir()
        assert woken.wait(30)
        woken.clear()
        (tmp_path / "a.svs").write_text("x", encoding="utf-8")
        assert woken.wait(30)
    finally:
        notices.stop()
    assert threading.active_count() == before


def test_its_absence_is_not_fatal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "watchdog", None)
    notices = Notices(tmp_path, tmp_path / "out", lambda: None)
    notices.start()
    notices.stop()


def test_a_limit_of_the_system_is_not_fatal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from watchdog import observers

    def refuse(*arguments: object, **options: object) -> None:
        raise OSError("inotify watch limit reached")

    monkeypatch.setattr(observers.Observer, "schedule", refuse)
    notices = Notices(tmp_path, tmp_path / "out", lambda: None)
    notices.start()
    notices.stop()
