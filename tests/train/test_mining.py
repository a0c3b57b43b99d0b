from pathlib import Path

import cv2
import numpy as np
import pytest
from shapely import box

from mitokeras.data.fields import UNLABELLED, Field, Mark
from mitokeras.data.protocols import get_protocol
from mitokeras.data.store import Store, write_store
from mitokeras.data.synthetic.field import draw_field
from mitokeras.detect.candidates import Candidates
from mitokeras.models.segmenters import build_segmenter
from mitokeras.run.config import Config
from mitokeras.train.batches.places import random_places
from mitokeras.train.batches.samplers import UNLABELLED_TARGET
from mitokeras.train.field_maps import Unseen
from mitokeras.train.mining import Mined, _looks, _read, _write, is_figure, mine
from mitokeras.train.prepare import RunData

PROTOCOL = get_protocol("midog")


@pytest.fixture
def store(tmp_path: Path) -> Store:
    fields = []
    for index in range(3):
        image = tmp_path / f"{index}.png"
        cv2.imwrite(str(image), np.full((80, 120, 3), 200, np.uint8))
        fields.append(Field(image, f"c{index}", 0.25, (Mark(40.0, 40.0),)))
    write_store(fields, tmp_path / "store.h5", 0.25, None)
    return Store(tmp_path / "store.h5")


def thirds(store: Store) -> RunData:
    return RunData(store, ("train", "validation", "test"), ())


def candidates(*points: tuple[float, float]) -> Candidates:
    n = len(points)
    return Candidates(
        xy=np.array(points, dtype=float).reshape(-1, 2),
        area_px=np.arange(n),
        segmenter_score=np.linspace(0.5, 1, n, dtype=np.float32),
        classifier_score=np.full(n, np.nan, dtype=np.float32),
        accepted=np.ones(n, dtype=bool),
        atypical_score=np.full(n, np.nan, dtype=np.float32),
    )


def mined() -> Mined:
    return Mined(
        threshold=0.35,
        training={0: candidates((40, 68), (100, 20), (40.0, 70.5))},
        validation={1: candidates()},
    )


def test_a_candidate_where_nobody_is_sure_teaches_nothing(tmp_path: Path) -> None:
    image = tmp_path / "a.png"
    cv2.imwrite(str(image), np.full((80, 120, 3), 200, np.uint8))
    field = Field(
        image,
        "c",
        0.25,
        figures=(Mark(100.0, 20.0),),
        unsure=(Mark(40.0, 68.0),),
        labelled=box(-0.5, -0.5, 59.5, 79.5),
    )
    write_store([field], tmp_path / "store.h5", 0.25, None)
    with Store(tmp_path / "store.h5") as store:
        found = candidates((40, 68), (10, 10), (100, 20), (90, 70))
        mined = Mined(0.35, training={0: found}, validation={})
        places = mined.places(store.fields, PROTOCOL).tolist()
        random = random_places(store.fields, 3000, np.random.default_rng(0), 0.0)
        _, mask = store.fields[0].pixels()
    assert places == [(0, 10, 10, 0), (0, 100, 20, 1), (0, 90, 70, UNLABELLED_TARGET)]
    # 10 um are 40 px.
    distance = np.hypot(random["x"] - 40, random["y"] - 68)
    assert 1500 < len(random) < 2700 and distance.min() > 40
    assert mask[68, 40] == mask[70, 110] == UNLABELLED
    assert mask[5, 5] == 0 and mask[20, 100] == 1


def test_a_candidate_is_what_the_truth_says(store: Store) -> None:
    xy = np.array([[40.0, 70.0], [40.0, 70.1], [10.0, 40.0]])  # 30 px are 7.5 um
    assert is_figure(store.fields[0], xy, PROTOCOL).tolist() == [True, False, True]
    assert mined().places(store.fields[:1], PROTOCOL).tolist() == [
        (0, 40, 68, 1),
        (0, 100, 20, 0),
        (0, 40, 70.5, 0),
    ]


def test_the_file_gives_back_what_was_mined(store: Store, tmp_path: Path) -> None:
    _write(tmp_path / "candidates.npz", mined())
    back = _read(tmp_path / "candidates.npz", thirds(store))
    assert back.threshold == 0.35
    assert list(back.training) == [0]
    assert list(back.validation) == [1]
    for name in ("xy", "area_px", "segmenter_score", "classifier_score", "accepted"):
        ours, theirs = getattr(back.training[0], name), getattr(mined().training[0], name)
        np.testing.assert_array_equal(ours, theirs)
        assert ours.dtype == theirs.dtype
    assert len(back.validation[1]) == 0


def test_fields_of_a_split(store: Store) -> None:
    assert thirds(store).of("train") == store.fields[:1]
    assert thirds(store).of("test") == store.fields[2:]


def test_training_fields_are_mined_in_the_stains_of_others_too(tmp_path: Path) -> None:
    fields = []
    for index in range(2):
        image = draw_field(256, 256, seed=index, case=index).image
        cv2.imwrite(str(tmp_path / f"{index}.png"), image[..., ::-1])
        fields.append(Field(tmp_path / f"{index}.png", f"c{index}", 0.25, (Mark(40.0, 40.0),)))
    write_store(fields, tmp_path / "store.h5", 0.25, None)
    config = Config().updated({"classifier": {"mining_stains": 2}})
    with Store(tmp_path / "store.h5") as store:
        first = store.fields[0]
        own, *others = _looks(store.fields, config)(first)
        np.testing.assert_array_equal(own, first.image())
        assert len(others) == 2
        assert all((other != own).mean() > 0.5 for other in others)
        again = list(_looks(store.fields, config)(first))
        np.testing.assert_array_equal(again[1], others[0])
        assert len(list(_looks(store.fields, Config())(first))) == 1


def test_a_candidate_where_not_all_figures_are_labelled_is_not_certainly_false(
    tmp_path: Path,
) -> None:
    cv2.imwrite(str(tmp_path / "field.png"), np.full((128, 128, 3), 200, np.uint8))
    field = Field(tmp_path / "field.png", "c", 0.25, (Mark(64.0, 64.0),), complete=False)
    write_store([field], tmp_path / "store.h5", 0.25, None)
    found = Mined(0.5, {0: candidates((66, 64), (10, 10))}, {})
    with Store(tmp_path / "store.h5") as store:
        places = found.places(store.fields, PROTOCOL)
    assert places["target"].tolist() == [1, UNLABELLED_TARGET]


def test_all_training_fields_are_mined_and_validated_where_completely_labelled(
    tmp_path: Path,
) -> None:
    fields = []
    for index, complete in enumerate((True, False, True, False)):
        image = draw_field(128, 128, seed=index, case=index).image
        cv2.imwrite(str(tmp_path / f"{index}.png"), image[..., ::-1])
        mark = (Mark(40.0, 40.0),)
        path = tmp_path / f"{index}.png"
        fields.append(Field(path, f"c{index}", 0.25, mark, complete=complete))
    write_store(fields, tmp_path / "store.h5", 0.25, None)
    config = Config().updated({"detection": {"tile_px": 128}})
    network = build_segmenter("tiny", input_px=128)
    with Store(tmp_path / "store.h5") as store:
        data = RunData(store, ("train", "train", "validation", "validation"), ())
        found = mine(network, data, config, tmp_path / "candidates.npz")
    assert list(found.training) == [0, 1]
    assert list(found.validation) == [2]


def test_a_field_is_mined_by_a_network_that_has_not_seen_it(tmp_path: Path) -> None:
    """The run's own network marks everything, the other one nothing."""
    fields = []
    for index in range(3):
        path = tmp_path / f"{index}.png"
        cv2.imwrite(str(path), np.full((128, 128, 3), 200, np.uint8))
        fields.append(Field(path, f"c{index}", 0.25, (Mark(64.0, 64.0),)))
    write_store(fields, tmp_path / "store.h5", 0.25, None)
    config = Config().updated({"detection": {"tile_px": 128}})
    networks = [build_segmenter("tiny", input_px=128) for _ in range(2)]
    for network, bias in zip(networks, (9.0, -9.0), strict=True):
        head = network.get_layer("head_conv")
        head.set_weights([0 * head.get_weights()[0], np.array([bias], "float32")])
    with Store(tmp_path / "store.h5") as store:
        data = RunData(store, ("train", "train", "validation"), ())
        unseen = [Unseen(networks[1], frozenset({1}))]
        found = mine(networks[0], data, config, tmp_path / "candidates.npz", unseen)
    assert {index: len(own) for index, own in found.training.items()} == {0: 1, 1: 0}
