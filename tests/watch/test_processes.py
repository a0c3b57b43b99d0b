"""Real watchers: killed, two at a time, and asked to stop."""

import json
import os
import signal
import subprocess
from contextlib import suppress
from pathlib import Path

import pytest

from tests.watch.programs import begun, start, wait_for


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "inbox").mkdir()
    return tmp_path


def put(folder: Path, *names: str) -> None:
    for name in names:
        (folder / "inbox" / name).write_bytes(b"OK")


def finish(process: subprocess.Popen) -> str:
    try:
        output = str(process.communicate(timeout=120)[0])
    finally:
        process.kill()
    assert process.returncode == 0, output
    return output


def kill(process: subprocess.Popen) -> None:
    process.kill()
    process.communicate()


def states(folder: Path) -> list[str]:
    text = (folder / "out" / "watch.json").read_text(encoding="utf-8")
    return [entry["status"] for entry in json.loads(text)["slides"].values()]


def results(folder: Path) -> list[str]:
    return [path.name for path in (folder / "out").iterdir() if path.suffix == ".result"]


def test_the_slide_of_a_killed_watcher_is_free_but_no_other(folder: Path) -> None:
    put(folder, "a.svs", "b.svs")
    killed = start(folder, 1000)
    wait_for(lambda: begun(folder))
    living = start(folder, 1000)
    wait_for(lambda: len(begun(folder)) == 2)
    kill(killed)
    finish(start(folder, 0, once=True))
    first, second, third = begun(folder)
    assert first == third != second
    assert states(folder) == ["done"]

    kill(living)
    finish(start(folder, 0, once=True))
    assert len(results(folder)) == 2
    assert states(folder) == ["done", "done"]


@pytest.mark.parametrize("delay_s", [0.0, 0.05, 0.2, 0.5])
def test_whenever_it_is_killed_nothing_is_lost_or_doubled(folder: Path, delay_s: float) -> None:
    names = [f"{number}.svs" for number in range(12)]
    put(folder, *names)
    killed = start(folder, 0.02)
    wait_for(lambda: (folder / "out").exists())
    with suppress(subprocess.TimeoutExpired):
        killed.wait(delay_s)
    kill(killed)
    finish(start(folder, 0, once=True))
    assert len(results(folder)) == 12
    assert len(begun(folder)) <= 13  # only the one in work began twice
    assert states(folder) == ["done"] * 12


def test_two_watchers_share_the_slides(folder: Path) -> None:
    put(folder, *(f"{number}.svs" for number in range(20)))
    both = [start(folder, 0.05, once=True) for _ in range(2)]
    outputs = [finish(process) for process in both]
    assert len(results(folder)) == 20
    assert len(begun(folder)) == 20
    assert states(folder) == ["done"] * 20
    assert sum(output.count("\ndone ") for output in outputs) == 20


@pytest.mark.skipif(os.name != "posix", reason="sends signals as POSIX does")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_stops_it_while_it_waits(folder: Path, number: signal.Signals) -> None:
    watching = start(folder, 0)
    put(folder, "a.svs")
    wait_for(lambda: (folder / "out" / "watch.json").exists())
    watching.send_signal(number)
    output = finish(watching)
    assert output.splitlines()[-1] == "stopped"


@pytest.mark.skipif(os.name != "posix", reason="sends signals as POSIX does")
def test_a_signal_stops_it_in_the_middle_of_a_slide_that_goes_on_later(folder: Path) -> None:
    put(folder, "a.svs")
    watching = start(folder, 1000)
    wait_for(lambda: begun(folder))
    watching.send_signal(signal.SIGTERM)
    output = finish(watching)
    assert "interrupted" in output and output.splitlines()[-1] == "stopped"
    assert not (folder / "out" / "watch.json").exists()

    finish(start(folder, 0, once=True))
    assert len(results(folder)) == 1 and states(folder) == ["done"]


@pytest.mark.parametrize("where", ["opens", "handle"])
def test_a_slide_that_ends_the_program_comes_last_and_is_set_aside(
    folder: Path, where: str
) -> None:
    put(folder, "b.svs", "c.svs")
    (folder / "inbox" / "a.svs").write_bytes(b"OK, DEADLY in " + where.encode())
    ends = []
    for _ in range(5):
        process = start(folder, 0, once=True)
        process.communicate(timeout=120)
        ends.append(process.returncode)
    assert ends == [9, 9, 9, 0, 0]
    assert begun(folder).count("b.svs") == begun(folder).count("c.svs") == 1
    text = (folder / "out" / "watch.json").read_text(encoding="utf-8")
    slides = json.loads(text)["slides"]
    assert [slides[name]["status"] for name in ("a.svs", "b.svs", "c.svs")] == [
        "failed", "done", "done",
    ]  # fmt: skip
    assert "the program ended 3 times in the middle of this slide" in slides["a.svs"]["reason"]
    assert not list((folder / "out" / ".watch").glob("*.attempt"))

    put(folder, "a.svs")  # a new scan
    finish(start(folder, 0, once=True))
    assert states(folder) == ["done"] * 3


@pytest.mark.skipif(os.name != "posix", reason="sends signals as POSIX does")
def test_a_signal_ends_an_opening_that_does_not_end(folder: Path) -> None:
    (folder / "inbox" / "a.svs").write_bytes(b"OK, ENDLESS")
    watching = start(folder, 0)
    wait_for(lambda: begun(folder))
    watching.send_signal(signal.SIGTERM)
    assert finish(watching).splitlines()[-1] == "stopped"
    assert not list((folder / "out" / ".watch").glob("*.attempt"))
