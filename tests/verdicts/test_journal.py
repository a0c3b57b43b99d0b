"""The journal of a review: what a kill leaves, and two writers."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import pytest

from mitokeras.errors import DataError
from mitokeras.verdicts.events import Event, Head, Label, Verdict
from mitokeras.verdicts.journal import Events, Journal
from tests.runs import ROOT

HEAD = Head(reviewer="anna", image="S1.svs", width_px=640, height_px=480)


def verdict(candidate: int = 1, label: Label = "mitosis") -> Verdict:
    return Verdict(at="2026-01-01T00:00:00", prediction="ab", candidate=candidate, x=1.0, y=2.0,
                   label=label)  # fmt: skip


def say(*lines: Verdict):
    def said(_: Events) -> Sequence[Event]:
        return lines

    return said


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "review.anna.jsonl"


def test_lines_come_back_in_their_order(path: Path) -> None:
    journal = Journal(path, HEAD)
    assert journal.events() == ()
    journal.append(say(verdict(1)))
    journal.append(say(verdict(2), verdict(1, "unsure")))
    again = Journal(path, HEAD).events()
    assert again == journal.events() == (verdict(1), verdict(2), verdict(1, "unsure"))
    first, *rest = path.read_text("utf-8").splitlines()
    assert json.loads(first)["kind"] == "review"
    assert len(rest) == 3


@pytest.mark.parametrize("cut", range(1, 180, 7))
def test_a_line_that_a_kill_has_cut_off_was_never_written(path: Path, cut: int) -> None:
    journal = Journal(path, HEAD)
    journal.append(say(verdict(1)))
    whole = path.read_bytes()
    journal.append(say(verdict(2)))
    path.write_bytes(path.read_bytes()[:-cut])
    kept = (verdict(1),) if path.stat().st_size >= len(whole) else ()
    assert Journal(path, HEAD).events() == kept
    after = Journal(path, HEAD)
    after.append(say(verdict(3)))
    assert Journal(path, HEAD).events() == (*kept, verdict(3))


def test_a_head_that_was_cut_off(path: Path) -> None:
    path.write_bytes(b'{"kind":"rev')
    Journal(path, HEAD).append(say(verdict()))
    assert Journal(path, HEAD).events() == (verdict(),)


def test_two_open_journals_see_one_another(path: Path) -> None:
    one, other = Journal(path, HEAD), Journal(path, HEAD)
    one.append(say(verdict(1)))
    other.append(say(verdict(2)))
    one.append(say(verdict(3)))
    assert one.events() == other.events() == (verdict(1), verdict(2), verdict(3))


def test_what_refuses_to_say_writes_nothing(path: Path) -> None:
    def refuse(_: Events) -> Sequence[Event]:
        raise DataError("no")

    with pytest.raises(DataError, match="no"):
        Journal(path, HEAD).append(refuse)
    assert not path.exists()


def test_a_disk_that_is_full_leaves_the_file_as_it_was(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    journal = Journal(path, HEAD)
    journal.append(say(verdict(1)))
    before = path.read_bytes()

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        with pytest.raises(OSError, match="No space"):
            journal.append(say(verdict(2)))
    assert path.read_bytes() == before
    journal.append(say(verdict(3)))
    assert Journal(path, HEAD).events() == (verdict(1), verdict(3))


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b"nonsense", "line 2"),
        (b'{"kind":"verdict"}', "line 2"),
        (b'{"kind":"song"}', "line 2"),
        (b'{"kind":"undo","at":"","prediction":"","line":2,"more":1}', "unknown key"),
        (b"\x00\xff", "line 2"),
        (b"[" * 100_000, "line 2"),
    ],
)
def test_damage_is_said_in_one_line(path: Path, line: bytes, reason: str) -> None:
    Journal(path, HEAD).append(say(verdict()))
    head, _ = path.read_bytes().splitlines()
    path.write_bytes(head + b"\n" + line + b"\n")
    before = path.read_bytes()
    journal = Journal(path, HEAD)
    for attempt in (journal.events, lambda: journal.append(say(verdict()))):
        with pytest.raises(DataError, match=reason) as error:
            attempt()
        assert str(path) in str(error.value)
    assert path.read_bytes() == before


def test_the_review_of_another_slide_or_reader_is_refused(path: Path) -> None:
    Journal(path, HEAD).append(say(verdict()))
    for other in ({"image": "S2.svs"}, {"width_px": 641}, {"reviewer": "bert"}):
        with pytest.raises(DataError, match="must be the review of"):
            Journal(path, HEAD.changed(**other)).events()


WRITER = f"""
import sys
sys.path.insert(0, {str(ROOT)!r})
from pathlib import Path
from tests.verdicts.test_journal import HEAD, Journal, say, verdict
journal = Journal(Path(sys.argv[1]), HEAD)
for number in range(int(sys.argv[2]), int(sys.argv[3])):
    journal.append(say(verdict(number)))
    print(number, flush=True)
"""


def writer(path: Path, first: int, end: int) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", WRITER, str(path), str(first), str(end)],
        stdout=subprocess.PIPE,
        text=True,
    )


def test_two_programs_lose_nothing_of_one_another(path: Path) -> None:
    programs = [writer(path, first, first + 40) for first in (1, 101)]
    for program in programs:
        program.communicate(timeout=120)
    assert [program.returncode for program in programs] == [0, 0]
    events = [event for event in Journal(path, HEAD).events() if isinstance(event, Verdict)]
    numbers = [event.candidate for event in events]
    assert [n for n in numbers if n < 100] == list(range(1, 41))
    assert [n for n in numbers if n > 100] == list(range(101, 141))


@pytest.mark.skipif(os.name != "posix", reason="needs kill -9")
@pytest.mark.parametrize("after_s", [0.02, 0.11])
def test_kill_9_loses_nothing_that_was_said_to_be_kept(path: Path, after_s: float) -> None:
    program = writer(path, 1, 10_000)
    assert program.stdout is not None
    first = program.stdout.readline()
    time.sleep(after_s)
    program.send_signal(signal.SIGKILL)
    told = [int(line) for line in (first + program.stdout.read()).splitlines()]
    program.stdout.close()
    program.wait()
    kept = [event.candidate for event in Journal(path, HEAD).events()]  # type: ignore[union-attr]
    assert kept[: len(told)] == told
    assert len(kept) <= len(told) + 1  # what was on the disk before it could be told
