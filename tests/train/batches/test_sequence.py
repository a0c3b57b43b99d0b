from collections import Counter
from pathlib import Path

import cv2
import numpy as np
import pytest

from mitokeras.data.fields import Field, Mark
from mitokeras.data.store import Store, write_store
from mitokeras.train.batches.places import Kind, Places, joined, places_at
from mitokeras.train.batches.samplers import FIGURE, LOOKALIKE, RANDOM, SLIDING
from mitokeras.train.batches.sequence import (
    CYCLE,
    MIXTURE_CYCLE,
    PlaceSequence,
    SourceWeights,
    by_source,
    handed_on,
    kind_cycle,
)


def some(number: int) -> Places:
    return places_at(0, np.column_stack([np.arange(number), np.zeros(number)]), 1)


def test_cycle_has_the_shares_and_spreads_them() -> None:
    cycle = kind_cycle({FIGURE: 0.5, RANDOM: 0.15, SLIDING: 0.25, LOOKALIKE: 0.1})
    assert Counter(cycle) == {FIGURE: 10, RANDOM: 3, SLIDING: 5, LOOKALIKE: 2}
    assert all(kind == FIGURE for kind in cycle[::2]) or FIGURE in cycle[:2]
    # never more than two figures in a row
    assert "figure figure figure" not in " ".join(kind.name for kind in cycle)
    assert Counter(kind_cycle({FIGURE: 1, RANDOM: 1, SLIDING: 1})).total() == CYCLE


def test_share_of_a_kind_without_places_goes_to_its_heir() -> None:
    places = {FIGURE: some(1), LOOKALIKE: some(0), RANDOM: some(5)}
    shares = {FIGURE: 0.5, LOOKALIKE: 0.2, RANDOM: 0.3}
    assert handed_on(shares, places, {LOOKALIKE: RANDOM}) == {FIGURE: 0.5, RANDOM: 0.5}
    places[LOOKALIKE] = some(1)
    assert handed_on(shares, places, {LOOKALIKE: RANDOM}) == shares


def test_every_place_comes_once_a_pass_and_n_alone_decides() -> None:
    places = {FIGURE: some(7), RANDOM: some(3)}
    sequence = PlaceSequence(places, {FIGURE: 0.5, RANDOM: 0.5}, seed=4, stage="segmenter")
    seen = [sequence(i) for i in range(10 * CYCLE)]
    figures = [int(place["x"]) for kind, place in seen if kind == FIGURE]
    for start in range(0, 98, 7):
        assert sorted(figures[start : start + 7]) == list(range(7))
    assert figures[:7] != figures[7:14]
    again = PlaceSequence(places, {FIGURE: 0.5, RANDOM: 0.5}, seed=4, stage="segmenter")
    for index in (33, 150, 7):
        assert again(index) == seen[index]


@pytest.fixture
def mixed(tmp_path: Path) -> Store:
    fields = []
    for index, source in enumerate(("a", "a", "b")):
        path = tmp_path / f"{index}.png"
        cv2.imwrite(str(path), np.full((50, 50, 3), 100 + index, np.uint8))
        fields.append(Field(path, f"case{index}", 0.25, (Mark(20.0, 20.0),), source=source))
    write_store(fields, tmp_path / "mixed.h5", 0.25, None)
    return Store(tmp_path / "mixed.h5")


def test_kinds_are_shared_out_to_data_sets_by_their_weights(mixed: Store) -> None:
    places = {
        FIGURE: joined([places_at(index, np.array([[20.0, 20.0]]), 1) for index in range(3)]),
        LOOKALIKE: places_at(0, np.array([[5.0, 5.0]]), 0),
        RANDOM: joined([places_at(index, np.array([[5.0, 5.0]]), 0) for index in (0, 2)]),
    }
    mix = {FIGURE: 0.6, LOOKALIKE: 0.1, RANDOM: 0.3}
    weights = {"a": SourceWeights(1, 1), "b": SourceWeights(3, 1)}
    shares, shared = by_source(mix, places, mixed.fields, weights, {LOOKALIKE: RANDOM})
    # b has no look-alikes: its half of the negatives are random ones
    assert shares == pytest.approx(
        {
            Kind("figure", "a"): 0.15,
            Kind("figure", "b"): 0.45,
            Kind("lookalike", "a"): 0.05,
            Kind("random", "a"): 0.15,
            Kind("random", "b"): 0.2,
        }
    )
    assert shared[Kind("figure", "a")]["field"].tolist() == [0, 1]
    assert shared[Kind("figure", "b")]["field"].tolist() == [2]
    cycle = Counter(kind_cycle(shares, MIXTURE_CYCLE))
    assert sum(cycle[kind] for kind in cycle if kind.name == "figure") == 60


def test_with_equal_weights_a_data_set_says_nothing_about_the_class(mixed: Store) -> None:
    """Whatever kinds each has: of its patches the same share are figures."""
    places = {
        FIGURE: joined([places_at(index, np.array([[20.0, 20.0]] * 3), 1) for index in range(3)]),
        LOOKALIKE: places_at(0, np.array([[5.0, 5.0]]), 0),
        RANDOM: joined([places_at(index, np.array([[5.0, 5.0]]), 0) for index in (0, 2)]),
    }
    mix = {FIGURE: 0.4, LOOKALIKE: 0.35, RANDOM: 0.25}
    weights = {"a": SourceWeights(2, 2), "b": SourceWeights(1, 1)}
    shares, _ = by_source(mix, places, mixed.fields, weights, {LOOKALIKE: RANDOM})
    for source in ("a", "b"):
        own = {kind.name: share for kind, share in shares.items() if kind.source == source}
        assert own["figure"] / sum(own.values()) == pytest.approx(0.4)
