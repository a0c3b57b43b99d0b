import numpy as np

from mitokeras.slides.absent_tiles import AbsentTiles


def test_on_an_overview() -> None:
    # Three by two tiles of 8 x 4 px; of the overview's pixels of 3 x 3 px, centres lie at 1.5, 4.5,
    # 7.5, 10.5, 13.5 and 16.5.
    absent = AbsentTiles(np.array([[0, 1, 0], [0, 0, 1]], bool), (8, 4))
    assert absent.count == 2
    seen = absent.on_overview((2, 6), 3)
    assert seen.astype(int).tolist() == [[0, 0, 0, 1, 1, 0], [0, 0, 0, 0, 0, 1]]


def test_a_last_centre_beyond_the_tiles_is_in_the_last_one() -> None:
    absent = AbsentTiles(np.array([[0, 1]], bool), (8, 8))
    assert absent.on_overview((1, 2), 16).tolist() == [[True, True]]


def test_of_a_slide_that_has_all() -> None:
    absent = AbsentTiles.none()
    assert absent.count == 0
    assert not absent.on_overview((3, 5), 32).any()
