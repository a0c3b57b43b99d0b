"""Which task is next, and what becomes of results, failures and losses; without a cluster."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from mitokeras.errors import DataError
from mitokeras.predict.engines.schedule import MOST_LOSSES, Piece, Schedule
from mitokeras.predict.jobs import SlideJob
from mitokeras.predict.location import SlideFile
from mitokeras.predict.step import Step, Steps


@dataclass(frozen=True)
class Work:
    location: SlideFile
    letter: str
    size: int = 10

    def run(self, *_: object) -> str:
        return self.letter.upper()


def job(name: str) -> SlideJob:
    return SlideJob(SlideFile(Path(name)), Path("out") / name)


class Slides:
    """Two steps a slide: tasks a, b, c of 10 tiles each, then d; the end is what was found."""

    def __init__(self) -> None:
        self.kept: list[tuple[str, int]] = []

    def steps(self, job: SlideJob) -> Steps[Any]:
        found = []
        for unit, letters in (("tiles", "abc"), ("candidates", ""), ("candidates", "d")):
            found += yield Step(unit, unit, [Work(job.location, letter) for letter in letters], str)
        if job.location.name == "bad":
            raise DataError("bad: must be good")
        if job.location.name == "full":
            raise OSError(28, "No space left on device")
        return "".join(found)


def outcomes(schedule: Schedule) -> list[tuple[str, object]]:
    return [(end.job.location.name, end.prediction or end.error) for end in schedule.ended()]


def begun(*names: str, most: int = 9) -> Schedule:
    schedule = Schedule(map(job, names), Slides().steps)
    while schedule.begin(most):
        pass
    return schedule


def all_pieces(schedule: Schedule) -> list[Piece]:
    return list(iter(schedule.next_piece, None))


def execute(pieces: list[Piece]) -> None:
    for piece in pieces:
        piece.done(piece.task.run())


def letters(pieces: list[Piece]) -> str:
    return " ".join(f"{piece.task.location.name}{piece.task.letter}" for piece in pieces)


def test_the_slide_that_began_first_comes_first() -> None:
    schedule = begun("1", "2")
    pieces = all_pieces(schedule)
    assert letters(pieces) == "1a 1b 1c 2a 2b 2c"
    execute(pieces[1:4])  # 1 still waits for a
    assert schedule.next_piece() is None
    execute(pieces[:1])
    assert letters([schedule.next_piece()]) == "1d"
    assert schedule.next_piece() is None


def test_results_are_in_the_order_of_the_tasks_whatever_came_first() -> None:
    schedule = begun("1", "2")
    execute(all_pieces(schedule)[::-1])
    assert outcomes(schedule) == []
    execute(all_pieces(schedule)[::-1])
    assert outcomes(schedule) == [("1", "ABCD"), ("2", "ABCD")]
    assert outcomes(schedule) == []
    assert schedule.over


def test_slides_are_taken_when_there_is_room() -> None:
    taken = []

    def archive() -> Iterator[SlideJob]:
        for number in range(100_000):
            taken.append(number)
            yield job(str(number))

    schedule = Schedule(archive(), Slides().steps)
    assert [schedule.begin(2) for _ in range(4)] == [True, True, False, False]
    assert taken == [0, 1]
    execute(all_pieces(schedule))
    execute(all_pieces(schedule))
    assert not schedule.begin(2)
    assert len(outcomes(schedule)) == 2
    assert schedule.begin(2)
    assert taken == [0, 1, 2]
    assert not schedule.over


def test_no_slides() -> None:
    schedule = begun()
    assert schedule.over
    assert schedule.tiles == (0, 0)


def test_what_a_slide_raises_ends_it_alone() -> None:
    schedule = begun("bad", "full", "good")
    execute(all_pieces(schedule))
    execute(all_pieces(schedule))
    assert outcomes(schedule) == [
        ("bad", "bad: must be good"),
        ("full", f"{Path('out') / 'full'}: No space left on device"),
        ("good", "ABCD"),
    ]


def test_what_a_task_raises_ends_its_slide_alone_and_late_results_are_dropped() -> None:
    schedule = begun("1", "2")
    first, second, *others = all_pieces(schedule)
    first.failed(DataError("1: damaged"))
    assert outcomes(schedule) == [("1", "1: damaged")]
    second.done("B")
    second.failed(DataError("again"))
    execute(others)
    execute(all_pieces(schedule))
    assert outcomes(schedule) == [("2", "ABCD")]
    assert schedule.over


def test_the_tasks_of_a_failed_slide_are_not_handed_out() -> None:
    schedule = begun("1", "2")
    first, second = schedule.next_piece(), schedule.next_piece()
    first.failed(OSError("gone"))
    second.lost("killed", guilty=False)
    assert letters(all_pieces(schedule)) == "2a 2b 2c"


def test_a_lost_task_is_handed_out_again_before_others() -> None:
    schedule = begun("1")
    first, second = schedule.next_piece(), schedule.next_piece()
    second.lost("killed", guilty=False)
    first.lost("killed", guilty=True)
    pieces = all_pieces(schedule)
    assert letters(pieces) == "1a 1b 1c"
    execute(pieces)
    execute(all_pieces(schedule))
    assert outcomes(schedule) == [("1", "ABCD")]


def test_a_task_that_kills_its_workers_ends_its_slide() -> None:
    schedule = begun("1", "2")
    for loss in range(MOST_LOSSES):
        assert outcomes(schedule) == []
        killer, neighbour = schedule.next_piece(), schedule.next_piece()
        assert letters([killer, neighbour]) == "1a 1b", loss
        neighbour.lost("killed", guilty=False)
        killer.lost("killed", guilty=True)
    ((name, error),) = outcomes(schedule)
    assert name == "1"
    assert error == f"1: given up, {MOST_LOSSES} workers died on it: killed"
    assert letters(all_pieces(schedule)) == "2a 2b 2c"


def test_waiting_beside_killers_is_no_guilt() -> None:
    schedule = begun("1")
    piece = schedule.next_piece()
    for _ in range(10):
        piece.lost("killed", guilty=False)
        assert schedule.next_piece() is piece


def test_tiles_of_all_slides() -> None:
    schedule = begun("1", "2")
    assert schedule.tiles == (0, 60)
    pieces = all_pieces(schedule)
    execute(pieces[:4])
    assert schedule.tiles == (40, 60)
    pieces[4].failed(DataError("damaged"))
    assert schedule.tiles == (40, 40)
    assert len(outcomes(schedule)) == 1
    execute(all_pieces(schedule))  # candidates do not count
    assert outcomes(schedule) == [("1", "ABCD")]
    assert schedule.tiles == (40, 40)


def test_a_bug_is_raised() -> None:
    schedule = begun("1")
    with pytest.raises(ZeroDivisionError):
        schedule.next_piece().failed(ZeroDivisionError())


def test_closed_it_leaves_what_is_under_way() -> None:
    left = []

    def steps(job: SlideJob) -> Steps[Any]:
        try:
            return (yield from Slides().steps(job))
        finally:
            left.append(job.location.name)

    schedule = Schedule(map(job, "123"), steps)
    while schedule.begin(2):
        pass
    assert left == []
    schedule.close()
    assert left == ["1", "2"]
