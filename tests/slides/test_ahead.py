import threading
from collections.abc import Iterator

import pytest

from mitokeras.slides.ahead import AHEAD, read_ahead


def test_in_order_and_not_too_far_ahead() -> None:
    asked = []

    def places() -> Iterator[int]:
        for place in range(50):
            asked.append(place)
            yield place

    for place, window in enumerate(read_ahead(lambda place: place * place, places())):
        assert window == place * place
        assert len(asked) <= place + AHEAD + 1


def test_an_error_comes_at_its_place_and_no_thread_is_left() -> None:
    def read(place: int) -> int:
        if place == 3:
            raise ValueError("damaged")
        return place

    before = threading.active_count()
    windows = read_ahead(read, range(10))
    assert [next(windows) for _ in range(3)] == [0, 1, 2]
    with pytest.raises(ValueError, match="damaged"):
        next(windows)
    assert threading.active_count() == before


def test_reads_beside_the_use() -> None:
    both = threading.Barrier(2, timeout=30)
    assert list(read_ahead(lambda _: both.wait() >= 0, range(2))) == [True, True]
