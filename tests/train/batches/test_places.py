from pathlib import Path

import cv2
import numpy as np
import pytest

from mitokeras.data.fields import OUTSIDE, Field, Mark
from mitokeras.data.store import Store, write_store
from mitokeras.train.batches.places import (
    figure_places,
    lookalike_places,
    nucleus_places,
    random_places,
    read_region,
    sliding_places,
)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    rng = np.random.default_rng(0)
    fields = []
    for index, (height, width) in enumerate([(300, 200), (150, 400)]):
        path = tmp_path / f"{index}.png"
        cv2.imwrite(str(path), rng.integers(0, 256, (height, width, 3), dtype=np.uint8))
        marks = (Mark(40.0 + index, 50.0), Mark(100.0, 120.0))
        fields.append(Field(path, f"case{index}", 0.25, marks, lookalikes=(Mark(10.0, 20.0),)))
    write_store(fields, tmp_path / "store.h5", 0.25, None)
    return Store(tmp_path / "store.h5")


def test_sliding_windows_cover_every_pixel(store: Store) -> None:
    for index, shape in enumerate([(300, 200), (150, 400)]):
        seen = np.zeros(shape, dtype=bool)
        for place in sliding_places([store.fields[index]], 64, 16):
            top, left = int(place["y"]) - 32, int(place["x"]) - 32
            assert min(top, left) >= 0
            assert top + 64 <= shape[0]
            assert left + 64 <= shape[1]
            seen[top : top + 64, left : left + 64] = True
        assert seen.all()


def test_labelled_and_random_places(store: Store) -> None:
    assert figure_places(store.fields).tolist() == [
        (0, 40, 50, 1),
        (0, 100, 120, 1),
        (1, 41, 50, 1),
        (1, 100, 120, 1),
    ]
    assert lookalike_places(store.fields[1:]).tolist() == [(1, 10, 20, 0)]
    places = random_places(store.fields, 2000, np.random.default_rng(1), clear_px=30)
    assert len(places) < 2000
    for index, x, y, _ in places.tolist():
        figures = store.fields[index].figures
        assert np.hypot(*(figures - (x, y)).T).min() >= 30
    # by area: both fields are of 60,000 px
    assert 0.4 < (places["field"] == 0).mean() < 0.6


def test_nuclei_that_are_figures_are_no_places(tmp_path: Path) -> None:
    image = np.full((200, 200, 3), 220, np.uint8)
    for centre in ((50, 60), (120, 100)):
        cv2.circle(image, centre, 14, (150, 60, 80), cv2.FILLED)
    cv2.imwrite(str(tmp_path / "0.png"), image)
    fields = [Field(tmp_path / "0.png", "c", 0.25, (Mark(52.0, 60.0),))]
    write_store(fields, tmp_path / "store.h5", 0.25, None)
    with Store(tmp_path / "store.h5") as store:
        places = nucleus_places(store.fields, clear_px=30)
        assert len(nucleus_places([], clear_px=30)) == 0
    assert len(places) > 0
    assert (np.hypot(places["x"] - 120, places["y"] - 100) <= 14).all()
    assert not places["target"].any()


@pytest.mark.parametrize(("x", "y"), [(100, 100), (1, 1), (198, 298), (3.5, 280.2)])
def test_region_is_centred_and_mirrored_outside(store: Store, x: float, y: float) -> None:
    image, mask = read_region(store.fields[0], x, y, 80)
    whole = np.pad(store.fields[0].image(), ((80, 80), (80, 80), (0, 0)), mode="reflect")
    column, row = int(np.floor(x + 0.5)) + 80, int(np.floor(y + 0.5)) + 80
    np.testing.assert_array_equal(image, whole[row - 40 : row + 40, column - 40 : column + 40])
    assert mask.shape == (80, 80)


def test_nothing_is_known_outside_of_a_field_that_is_not_completely_labelled(
    tmp_path: Path,
) -> None:
    path = tmp_path / "a.png"
    cv2.imwrite(str(path), np.full((64, 64, 3), 100, np.uint8))
    for complete in (True, False):
        field = Field(path, "a", 0.25, (Mark(32.0, 32.0),), complete=complete)
        write_store([field], tmp_path / f"{complete}.h5", 0.25, None)
    _, mask = read_region(Store(tmp_path / "False.h5").fields[0], 32, 32, 200)
    inside = np.zeros((200, 200), bool)
    inside[68:132, 68:132] = True
    assert (mask[~inside] == OUTSIDE).all()
    assert (mask[inside] < OUTSIDE).all()
    _, mirrored = read_region(Store(tmp_path / "True.h5").fields[0], 32, 32, 200)
    assert mirrored.max() == 1
    assert mirrored[~inside].any()
