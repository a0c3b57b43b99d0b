import json
from pathlib import Path

import pytest

from mitokeras.errors import DataError
from mitokeras.slides.footprint import Footprint
from mitokeras.watch.state import State

SCAN = Footprint(size_bytes=10, mtime_ns=1_700_000_000_123_456_789)


def make(folder: Path) -> State:
    return State(folder / "watch.json", folder / "state.lock")


def test_what_one_records_the_other_reads(tmp_path: Path) -> None:
    assert make(tmp_path).read() == {}
    make(tmp_path).record("a", SCAN, "done")
    make(tmp_path).record("b", SCAN, "failed", "no\nslide")
    read = make(tmp_path).read()
    assert {name: (entry.status, entry.reason) for name, entry in read.items()} == {
        "a": ("done", ""),
        "b": ("failed", r"no\nslide"),
    }


def test_a_new_record_replaces_the_old(tmp_path: Path) -> None:
    state = make(tmp_path)
    state.record("a", SCAN, "failed", "half")
    state.record("a", Footprint(size_bytes=11, mtime_ns=SCAN.mtime_ns), "done")
    (entry,) = state.read().values()
    assert (entry.status, entry.reason, entry.size_bytes) == ("done", "", 11)


@pytest.mark.parametrize(
    ("size_bytes", "later_ns", "same"),
    [(10, 0, True), (10, 89, True), (10, -89, True), (11, 0, False), (10, 5_000_000, False)],
)
def test_an_entry_covers_the_same_file_as_another_computer_sees_it(
    tmp_path: Path, size_bytes: int, later_ns: int, same: bool
) -> None:
    state = make(tmp_path)
    state.record("a", SCAN, "done")
    seen = Footprint(size_bytes=size_bytes, mtime_ns=SCAN.mtime_ns + later_ns)
    assert state.read()["a"].covers(seen) == same


def test_a_name_that_is_not_unicode_can_be_recorded_and_read(tmp_path: Path) -> None:
    state = make(tmp_path)
    name = b"\xff".decode("utf-8", "surrogateescape")
    state.record(name, SCAN, "failed", f"{name}: bad")
    assert list(state.read()) == [r"\udcff"]


@pytest.mark.parametrize(
    "text",
    [
        "{",
        "[]",
        '{"version": 2, "slides": {}}',
        '{"version": 1, "slides": {"a": {"status": "done"}}}',
        '{"version": 1, "slides": {"a": 3}}',
    ],
)
def test_a_broken_file_is_named_and_kept(tmp_path: Path, text: str) -> None:
    path = tmp_path / "watch.json"
    path.write_text(text, encoding="utf-8")
    for act in (make(tmp_path).read, lambda: make(tmp_path).record("a", SCAN, "done")):
        with pytest.raises(DataError) as caught:
            act()
        message = str(caught.value)
        assert message.startswith(f"{path}: not the state of a watcher") and "\n" not in message
    assert path.read_text(encoding="utf-8") == text


def test_the_file_is_plain_json(tmp_path: Path) -> None:
    make(tmp_path).record("ä", SCAN, "done")
    values = json.loads((tmp_path / "watch.json").read_text(encoding="utf-8"))
    entry = values["slides"]["ä"]
    assert entry.pop("when").endswith("+00:00")
    assert entry == {
        "size_bytes": 10,
        "mtime_ns": SCAN.mtime_ns,
        "status": "done",
        "reason": "",
    }


def test_an_empty_file_as_after_a_power_cut_knows_nothing(tmp_path: Path) -> None:
    (tmp_path / "watch.json").touch()
    assert make(tmp_path).read() == {}
    make(tmp_path).record("a", SCAN, "done")
    assert list(make(tmp_path).read()) == ["a"]


def test_a_folder_in_its_place_is_said(tmp_path: Path) -> None:
    (tmp_path / "watch.json").mkdir()
    with pytest.raises(DataError, match=r"watch\.json: .* must be a file. Received: a folder"):
        make(tmp_path).read()
