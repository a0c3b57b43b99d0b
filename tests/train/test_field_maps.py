from pathlib import Path

import cv2
import numpy as np
import pytest

from mitokeras.data.fields import Field, Mark
from mitokeras.data.store import Store, write_store
from mitokeras.detect.tiling import probability_map
from mitokeras.models.losses import CrossentropyTversky
from mitokeras.models.segmenters import build_segmenter
from mitokeras.run.config import Config
from mitokeras.train.field_maps import Tiled
from mitokeras.train.validation import segmenter_validation
from tests.columns import column_in_window, mean_column_of_two


def test_small_fields_take_small_tiles_and_give_the_same_map(tmp_path: Path) -> None:
    fields = []
    for index, shape in enumerate([(128, 128), (400, 300)]):
        path = tmp_path / f"{index}.png"
        image = np.random.default_rng(index).integers(0, 255, (*shape, 3), np.uint8)
        cv2.imwrite(str(path), image)
        fields.append(Field(path, f"c{index}", 0.25, (Mark(64.0, 64.0),)))
    write_store(fields, tmp_path / "store.h5", 0.25, None)
    config = Config().updated({"segmenter": {"model": "tiny"}, "detection": {"tile_px": 512}})
    network = build_segmenter("tiny", input_px=512, window_px=config.segmenter.patch_px)
    with Store(tmp_path / "store.h5") as store:
        own = Tiled(network, store.fields, config)
        assert sorted(own.runners) == [192, 512]
        small, large = (own.probability(field.image()) for field in store.fields)
        whole = probability_map(store.fields[0].image(), own.runners[512], 512, 32)
    assert large.shape == (400, 300)
    inner = np.s_[16:-16, 16:-16]
    np.testing.assert_allclose(small[inner], whole[inner], atol=0.02)


def test_training_validates_and_mines_by_windows(tmp_path: Path) -> None:
    image = np.random.default_rng(0).integers(0, 255, (96, 128, 3), np.uint8)
    cv2.imwrite(str(tmp_path / "0.png"), image)
    field = Field(tmp_path / "0.png", "c", 0.25, (Mark(64.0, 48.0),))
    write_store([field], tmp_path / "store.h5", 0.25, None)
    config = Config().updated({"detection": {"tile_px": 96, "tiling": "windows"}})
    network = column_in_window(96)
    with Store(tmp_path / "store.h5") as store:
        image, mask = store.fields[0].pixels()
        found = Tiled(network, store.fields, config).probability(image)
        scores = segmenter_validation(store.fields, config, column_in_window(96))(network)
    expected = mean_column_of_two(96)
    np.testing.assert_allclose(found, expected, atol=1e-6)
    loss = float(CrossentropyTversky()(mask.astype(np.float32), expected.astype(np.float32)))
    assert scores["val_loss"] == pytest.approx(loss, rel=1e-5)
