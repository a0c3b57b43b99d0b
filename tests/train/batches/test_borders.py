"""No property of how a crop was cut may tell the class, on made-up fields and on real ones."""

from pathlib import Path

import cv2
import numpy as np
import pytest

from mitokeras.data.fields import Field, Mark
from mitokeras.data.store import Store, write_store
from mitokeras.run.config import Config
from mitokeras.run.data_config import AugmentConfig
from mitokeras.train.batches.borders import SharedBorders, reach_of
from mitokeras.train.batches.places import Kind, joined, places_at, read_region
from mitokeras.train.batches.samplers import FIGURE, RANDOM, classifier_sampler

SHARES = {FIGURE: 0.5, RANDOM: 0.5}


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """Forty patches with a figure in the middle."""
    rng = np.random.default_rng(0)
    fields = []
    for index in range(40):
        path = tmp_path / f"{index}.png"
        cv2.imwrite(str(path), rng.integers(0, 256, (128, 128, 3), dtype=np.uint8))
        fields.append(Field(path, f"case{index}", 0.25, (Mark(64.0, 64.0),)))
    write_store(fields, tmp_path / "store.h5", 0.25, None)
    return Store(tmp_path / "store.h5")


def auc(scores: np.ndarray, positive: np.ndarray) -> float:
    """Chance that a positive has the higher score, ties counted half."""
    above = scores[positive][:, None] - scores[~positive][None]
    return float(((above > 0) + 0.5 * (above == 0)).mean())


def test_reach_is_the_nearer_of_both_classes(store: Store) -> None:
    figure = places_at(0, np.array([[64.0, 64.0]]), 1)
    negative = places_at(1, np.array([[20.0, 100.0]]), 0)
    borders = SharedBorders({FIGURE: figure, RANDOM: negative}, SHARES, store.fields)
    rng = np.random.default_rng(0)
    for kind, place in ((FIGURE, figure[0]), (RANDOM, negative[0])):
        assert borders.reach(kind, place, rng).tolist() == [20, 64, 63, 27]
    assert reach_of(store.fields[1], 20, 100).tolist() == [20, 100, 107, 27]


def test_a_class_alone_reaches_to_its_own_borders(store: Store) -> None:
    figure = places_at(0, np.array([[64.0, 60.0]]), 1)
    borders = SharedBorders({FIGURE: figure}, {FIGURE: 1.0}, store.fields)
    reach = borders.reach(FIGURE, figure[0], np.random.default_rng(0))
    assert reach.tolist() == [64, 60, 63, 67]


def test_other_data_sets_have_other_borders(store: Store) -> None:
    """A data set of whole fields gets no borders from one of patches."""
    a, b = Kind("figure", "a"), Kind("random", "b")
    places = {
        a: places_at(0, np.array([[64.0, 64.0]]), 1),
        b: places_at(1, np.array([[1.0, 1.0]]), 0),
    }
    borders = SharedBorders(places, {a: 0.5, b: 0.5}, store.fields)
    assert borders.reach(a, places[a][0], np.random.default_rng(0)).min() == 63


def test_borders_tell_nothing_about_the_class(store: Store) -> None:
    rng = np.random.default_rng(1)
    figures = joined([places_at(index, np.array([[64.0, 64.0]]), 1) for index in range(40)])
    ring = 64 + 45 * np.array([[np.cos(a), np.sin(a)] for a in np.linspace(0, 6.2, 25)])
    negatives = joined([places_at(index, ring, 0) for index in range(40)])
    places = {FIGURE: figures, RANDOM: negatives}
    borders = SharedBorders(places, SHARES, store.fields)
    own, shared, positive = [], [], []
    for _ in range(1500):
        kind = FIGURE if rng.random() < 0.5 else RANDOM
        place = places[kind][rng.integers(len(places[kind]))]
        reach = borders.reach(kind, place, rng)
        own.append(reach_of(store.fields[place["field"]], place["x"], place["y"]).min())
        shared.append(np.minimum(reach, 32).sum())
        positive.append(kind == FIGURE)
    truth = np.array(positive)
    assert auc(np.array(own), truth) > 0.99  # what it is without
    assert auc(np.array(shared), truth) == pytest.approx(0.5, abs=0.04)


def test_a_region_is_mirrored_where_its_reach_ends(store: Store) -> None:
    image, _ = read_region(store.fields[0], 64, 64, 64, np.array([10, 64, 64, 64]))
    whole = store.fields[0].image()
    np.testing.assert_array_equal(image[:, 22:], whole[32:96, 54:96])
    np.testing.assert_array_equal(image[:, 12:22], whole[32:96, 64:54:-1])


REAL = {"midogpp_patches": None, "atnorm_br": None, "brecahad": None}


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(REAL))
def test_how_crops_are_cut_tells_nothing_on_real_data(name: str, tmp_path: Path) -> None:
    """What a linear model knows of the class by the borders of plain crops: nothing.

    The mirrored share of each side is seen in the crop itself, as the largest mirror symmetry about
    a column or a row near the edge, so that whatever makes the crops is tested and not its parts.
    """
    from mitokeras.data.readers import read_dataset

    root = Path(__file__).parents[4] / "shared" / "data" / name
    if not root.is_dir():
        pytest.skip(f"the data set {name} is not there")
    complete = name != "atnorm_br"
    fields = read_dataset(root).fields[:400]
    write_store(fields, tmp_path / "store.h5", 0.25, None)
    plain = AugmentConfig(rotation=False, scale=(1.0, 1.0), blur_px=0.0, stain=0.0)
    mix = {"figure": 0.5, "candidate": 0.001, "lookalike": 0.0, "nucleus": 0.5, "random": 0.0}
    changes = {"classifier": {"crop_px": 64, "input_px": 64, "mix": mix}}
    config = Config().updated(changes).changed(augment=plain)
    with Store(tmp_path / "store.h5") as store:
        sampler = classifier_sampler(store.fields, joined([]), config)
        pairs = [sampler(index) for index in range(800)]
    truth = np.array([label[0] == 1 for _, label in pairs])
    mirrored = np.array([_mirrored_px(image) for image, _ in pairs])
    assert complete or mirrored.any()
    assert auc(mirrored, truth) == pytest.approx(0.5, abs=0.07)


def _mirrored_px(image: np.ndarray) -> int:
    """Rows and columns of a crop that are mirror images of those beside them."""
    total = 0
    for turns in range(4):
        side = np.rot90(image, turns).astype(int)
        total += next((k for k in range(31, 2, -1) if (side[:k] == side[2 * k : k : -1]).all()), 0)
    return total
