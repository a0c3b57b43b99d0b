from collections import Counter
from pathlib import Path

import cv2
import numpy as np
import pytest

from mitokeras.data.fields import OUTSIDE, Field, Mark
from mitokeras.data.store import Store, write_store
from mitokeras.train.batches.places import (
    CYCLE,
    MIXTURE_CYCLE,
    PlaceSequence,
    by_source,
    handed_on,
    kind_cycle,
    labelled_places,
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


def test_cycle_has_the_shares_and_spreads_them() -> None:
    cycle = kind_cycle({"figure": 0.5, "random": 0.15, "sliding": 0.25, "lookalike": 0.1})
    assert Counter(cycle) == {"figure": 10, "random": 3, "sliding": 5, "lookalike": 2}
    assert all(kind == "figure" for kind in cycle[::2]) or "figure" in cycle[:2]
    # never more than two figures in a row
    assert "figure figure figure" not in " ".join(cycle)
    assert Counter(kind_cycle({"a": 1, "b": 1, "c": 1})).total() == CYCLE


def test_share_of_a_kind_without_places_goes_to_its_heir() -> None:
    places = {"figure": np.ones((1, 4)), "lookalike": np.ones((0, 4)), "random": np.ones((5, 4))}
    shares = {"figure": 0.5, "lookalike": 0.2, "random": 0.3}
    assert handed_on(shares, places, {"lookalike": "random"}) == {"figure": 0.5, "random": 0.5}
    places["lookalike"] = np.ones((1, 4))
    assert handed_on(shares, places, {"lookalike": "random"}) == shares


def test_every_place_comes_once_a_pass_and_n_alone_decides() -> None:
    places = {
        "figure": np.column_stack([np.zeros(7), np.arange(7), np.zeros(7), np.ones(7)]),
        "random": np.column_stack([np.zeros(3), np.arange(3), np.zeros(3), np.zeros(3)]),
    }
    sequence = PlaceSequence(places, {"figure": 0.5, "random": 0.5}, seed=4)
    seen = [sequence(i) for i in range(10 * CYCLE)]
    figures = [int(row[1]) for kind, row in seen if kind == "figure"]
    for start in range(0, 98, 7):
        assert sorted(figures[start : start + 7]) == list(range(7))
    assert figures[:7] != figures[7:14]
    again = PlaceSequence(places, {"figure": 0.5, "random": 0.5}, seed=4)
    for index in (33, 150, 7):
        np.testing.assert_array_equal(again(index)[1], seen[index][1])


def test_sliding_windows_cover_every_pixel(store: Store) -> None:
    for index, shape in enumerate([(300, 200), (150, 400)]):
        seen = np.zeros(shape, dtype=bool)
        for _, x, y, _ in sliding_places(store, [index], 64, 16):
            top, left = int(y) - 32, int(x) - 32
            assert min(top, left) >= 0
            assert top + 64 <= shape[0]
            assert left + 64 <= shape[1]
            seen[top : top + 64, left : left + 64] = True
        assert seen.all()


def test_labelled_and_random_places(store: Store) -> None:
    assert labelled_places(store, [0, 1], "figures", 1).tolist() == [
        [0, 40, 50, 1],
        [0, 100, 120, 1],
        [1, 41, 50, 1],
        [1, 100, 120, 1],
    ]
    assert labelled_places(store, [1], "lookalikes", 0).tolist() == [[1, 10, 20, 0]]
    rows = random_places(store, [0, 1], 2000, seed=1, clear_px=30)
    assert len(rows) < 2000
    for field, x, y, _ in rows:
        figures = store.fields[int(field)].figures
        assert np.hypot(*(figures - (x, y)).T).min() >= 30
    # by area: both fields are of 60,000 px
    assert 0.4 < (rows[:, 0] == 0).mean() < 0.6


def test_nuclei_that_are_figures_are_no_places(tmp_path: Path) -> None:
    image = np.full((200, 200, 3), 220, np.uint8)
    for centre in ((50, 60), (120, 100)):
        cv2.circle(image, centre, 14, (150, 60, 80), cv2.FILLED)
    cv2.imwrite(str(tmp_path / "0.png"), image)
    fields = [Field(tmp_path / "0.png", "c", 0.25, (Mark(52.0, 60.0),))]
    write_store(fields, tmp_path / "store.h5", 0.25, None)
    with Store(tmp_path / "store.h5") as store:
        rows = nucleus_places(store, [0], clear_px=30)
        assert nucleus_places(store, [], clear_px=30).shape == (0, 4)
    assert len(rows) > 0
    assert (np.hypot(rows[:, 1] - 120, rows[:, 2] - 100) <= 14).all()
    assert (rows[:, [0, 3]] == 0).all()


@pytest.mark.parametrize(("x", "y"), [(100, 100), (1, 1), (198, 298), (3.5, 280.2)])
def test_region_is_centred_and_mirrored_outside(store: Store, x: float, y: float) -> None:
    image, mask = read_region(store, 0, x, y, 80)
    whole = np.pad(store.image(0), ((80, 80), (80, 80), (0, 0)), mode="reflect")
    column, row = int(np.floor(x + 0.5)) + 80, int(np.floor(y + 0.5)) + 80
    np.testing.assert_array_equal(image, whole[row - 40 : row + 40, column - 40 : column + 40])
    assert mask.shape == (80, 80)


def test_kinds_are_shared_out_to_data_sets_by_their_weights(tmp_path: Path) -> None:
    fields = []
    for index, source in enumerate(("a", "a", "b")):
        path = tmp_path / f"{index}.png"
        cv2.imwrite(str(path), np.full((50, 50, 3), 100 + index, np.uint8))
        fields.append(Field(path, f"case{index}", 0.25, (Mark(20.0, 20.0),), source=source))
    write_store(fields, tmp_path / "mixed.h5", 0.25, None)
    places = {
        "figure": np.array([[0, 20, 20, 1], [1, 20, 20, 1], [2, 20, 20, 1]], float),
        "random": np.array([[0, 5, 5, 0]], float),
    }
    shares, shared = by_source(
        {"figure": 0.6, "random": 0.4}, places, Store(tmp_path / "mixed.h5"), {"a": 1, "b": 3}
    )
    assert shares == pytest.approx({"figure/a": 0.15, "figure/b": 0.45, "random/a": 0.4})
    assert shared["figure/a"][:, 0].tolist() == [0, 1]
    assert shared["figure/b"][:, 0].tolist() == [2]
    cycle = Counter(kind_cycle(shares, MIXTURE_CYCLE))
    assert cycle == {"figure/a": 15, "figure/b": 45, "random/a": 40}


def test_nothing_is_known_outside_of_a_field_that_is_not_completely_labelled(
    tmp_path: Path,
) -> None:
    path = tmp_path / "a.png"
    cv2.imwrite(str(path), np.full((64, 64, 3), 100, np.uint8))
    for complete in (True, False):
        field = Field(path, "a", 0.25, (Mark(32.0, 32.0),), complete=complete)
        write_store([field], tmp_path / f"{complete}.h5", 0.25, None)
    _, mask = read_region(Store(tmp_path / "False.h5"), 0, 32, 32, 200)
    inside = np.zeros((200, 200), bool)
    inside[68:132, 68:132] = True
    assert (mask[~inside] == OUTSIDE).all()
    assert (mask[inside] < OUTSIDE).all()
    _, mirrored = read_region(Store(tmp_path / "True.h5"), 0, 32, 32, 200)
    assert mirrored.max() == 1
    assert mirrored[~inside].any()
