from pathlib import Path

import cv2
import numpy as np
import pytest

from mitokeras.data.fields import Field, Mark
from mitokeras.data.protocols import get_protocol
from mitokeras.data.store import Store, write_store
from mitokeras.detector import Detector
from mitokeras.disk.records import parse
from mitokeras.score.crossvalidation import CrossValidation
from mitokeras.score.folds import score_folds, sweep_fields
from mitokeras.score.thresholds import Sweep
from tests.detectors import make_spec


def by_colour() -> Detector:
    """Stage 1 says the red channel, stage 2 the green one."""
    return Detector(
        make_spec(halo_px=0, classifier_threshold=0.5, min_area_px=10, crop_px=4),
        lambda tiles: tiles[..., 0].astype(np.float32) / 255,
        lambda crops: crops[:, 2, 2, 1].astype(np.float32) / 255,
    )


def write(folder: Path, name: str, spots: list, figures: list, **about: object) -> Field:
    """Black, with squares of 8 px of a (red, green) about places, 0 to 1."""
    image = np.zeros((64, 256, 3), np.uint8)
    for x, y, red, green in spots:
        image[y - 4 : y + 4, x - 4 : x + 4] = np.rint(np.array([red, green, 0]) * 255)
    cv2.imwrite(str(folder / name), image[..., ::-1])
    marks = tuple(Mark(float(x), float(y)) for x, y in figures)
    return Field(folder / name, name, 0.25, marks, **about)  # type: ignore[arg-type]


@pytest.fixture
def store(tmp_path: Path) -> Store:
    fields = [
        # figure at 0.62 / 0.9, false candidate at 0.9 / 0.5
        write(tmp_path, "0.png", [(30, 30, 0.62, 0.9), (200, 30, 0.9, 0.5)], [(30, 30)],
              source="a"),
        # figure at 0.82 / 0.8, false one at 0.9 / 0.6
        write(tmp_path, "1.png", [(30, 30, 0.82, 0.8), (200, 30, 0.9, 0.6)], [(30, 30)],
              source="a"),
        # a second spot that may be a figure
        write(tmp_path, "2.png", [(30, 30, 0.9, 0.95), (200, 30, 0.9, 0.9)], [(30, 30)],
              source="b", complete=False),
    ]  # fmt: skip
    write_store(fields, tmp_path / "store.h5", 0.25, None)
    return Store(tmp_path / "store.h5")


def two_folds(store: Store) -> list[list[Sweep]]:
    return [sweep_fields(own, by_colour()) for own in (store.fields[:1], store.fields[1:])]


def test_each_fold_is_judged_by_thresholds_of_the_others(store: Store) -> None:
    folds = two_folds(store)
    result = score_folds(folds, get_protocol("midog"), None, "Halves.").result
    # stage 1: the highest of 0.1, 0.3, 0.5, ... below the weakest figure that may be looked at
    assert result.thresholds.segmenter == pytest.approx(0.5)
    assert result.thresholds_of_folds[0].segmenter == pytest.approx(0.8)
    assert result.thresholds_of_folds[1].segmenter == pytest.approx(0.5)
    # stage 2: the middle of those that part figures from the rest
    assert 0.6 < result.thresholds_of_folds[0].classifier <= 0.8
    assert 0.5 < result.thresholds_of_folds[1].classifier <= 0.9
    # so fold 0's figure, at 0.62, is lost to the threshold that fold 1 has chosen
    of_a = result.sources["a"]
    assert (of_a.both.tp, of_a.both.fp, of_a.both.fn) == (1, 0, 1)
    of_b = result.sources["b"]
    assert of_b.both.recall == 1.0
    assert of_b.both.fp is None


def test_stage_1_throws_out_what_stage_2_cannot(tmp_path: Path) -> None:
    """False candidates that stage 2 likes better than the figures, and stage 1 does not."""
    spots = [(30, 30, 0.985, 0.6), (120, 30, 0.93, 0.9), (200, 30, 0.6, 0.2)]
    fields = [write(tmp_path, f"{i}.png", spots, [(30, 30)], source="a") for i in range(2)]
    write_store(fields, tmp_path / "store.h5", 0.25, None)
    with Store(tmp_path / "store.h5") as store:
        folds = [sweep_fields([field], by_colour()) for field in store.fields]
        result = score_folds(folds, get_protocol("midog"), None, "Halves.").result
    assert result.thresholds.segmenter == pytest.approx(0.98)
    assert result.thresholds.classifier <= 0.6
    assert result.sources["a"].both.f1 == 1.0


def test_the_curve_and_the_json(store: Store) -> None:
    folds = two_folds(store)
    result = score_folds(folds, get_protocol("midog"), None, "Halves.").result
    area = 2 * 64 * 256 * 0.25**2 / 1e6
    lowest, highest = result.curve[0], result.curve[-1]
    assert lowest.fp_per_mm2 == pytest.approx(2 / area)
    assert lowest.recall == lowest.recall_partly_labelled == 1.0
    assert highest.fp_per_mm2 == highest.recall == 0.0
    values = result.to_json(names_of_cases=False)
    assert "per_case" not in values["sources"]["a"]["both"]
    assert parse(CrossValidation, values).curve == result.curve
    assert parse(CrossValidation, result.to_json()) == result
