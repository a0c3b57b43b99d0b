from pathlib import Path

from mitokeras.slides.footprint import Footprint
from mitokeras.watch.attempts import Attempts
from mitokeras.watch.names import file_name

SCAN = Footprint(size_bytes=10, mtime_ns=1_700_000_000_123_456_789)


def died(folder: Path, *marks: str, footprint: Footprint = SCAN) -> int:
    """An attempt of a program of its own that gets so far; deaths that it knows of."""
    attempts = Attempts(folder)
    deaths = attempts.begin("a.svs", footprint)
    for mark in marks:
        attempts.advance("a.svs", mark)
    return deaths


def test_deaths_at_one_place_are_counted(tmp_path: Path) -> None:
    assert [died(tmp_path) for _ in range(3)] == [0, 1, 2]
    assert Attempts(tmp_path).unended() == {file_name("a.svs")}


def test_deaths_of_what_goes_on_are_not(tmp_path: Path) -> None:
    ways = [["survey 0"], ["segment 0"], ["segment 64"], ["segment 128"], ["segment 128"], []]
    assert [died(tmp_path, *way) for way in ways] == [0, 1, 1, 1, 1, 2]
    assert died(tmp_path, "segment 128") == 3


def test_another_scan_begins_anew(tmp_path: Path) -> None:
    assert [died(tmp_path), died(tmp_path)] == [0, 1]
    assert died(tmp_path, footprint=Footprint(11, SCAN.mtime_ns)) == 0


def test_what_came_to_an_end_leaves_nothing(tmp_path: Path) -> None:
    attempts = Attempts(tmp_path)
    attempts.begin("a.svs", SCAN)
    attempts.end("a.svs")
    attempts.end("a.svs")
    assert list(tmp_path.iterdir()) == []
    assert attempts.begin("a.svs", SCAN) == 0


def test_an_end_that_could_not_be_noted_is_no_death(tmp_path: Path) -> None:
    attempts = Attempts(tmp_path)
    assert [attempts.begin("a.svs", SCAN) for _ in range(3)] == [0, 0, 0]


def test_a_spoiled_file_counts_as_none(tmp_path: Path) -> None:
    died(tmp_path)
    (path,) = tmp_path.iterdir()
    path.write_bytes(b"")
    assert died(tmp_path) == 0
    assert died(tmp_path) == 1
