from pathlib import Path

import numpy as np

from mitokeras.data.stain import tissue_mask
from mitokeras.export.tflite.calibration import CROPS, TILES, calibration_set
from mitokeras.export.trained.trained import open_run


def test_tiles_show_tissue_and_come_again(finished_run: Path) -> None:
    with open_run(finished_run) as trained:
        spec = trained.spec
        sizes = {"tile_px": spec.tile_px, "halo_px": spec.halo_px, "crop_px": spec.crop_px}
        drawn, again = (calibration_set(trained.fields("train"), 0, **sizes) for _ in range(2))
        images = [field.image() for field in trained.fields("train")]
    assert drawn.segmenter.shape == (TILES, spec.tile_px, spec.tile_px, 3)
    assert drawn.classifier.shape == (CROPS, spec.crop_px, spec.crop_px, 3)
    assert drawn.segmenter.dtype == drawn.classifier.dtype == np.uint8
    assert all(tissue_mask(tile).mean() >= 0.1 for tile in drawn.segmenter)
    np.testing.assert_array_equal(drawn.segmenter, again.segmenter)
    np.testing.assert_array_equal(drawn.classifier, again.classifier)
    # A tile that fits is a piece of a training field, not mirrored.
    windows = [
        np.lib.stride_tricks.sliding_window_view(image[..., 0], (spec.tile_px, spec.tile_px))
        for image in images
    ]
    for tile in drawn.segmenter[:6, :, :, 0]:
        assert any((w == tile).all(axis=(2, 3)).any() for w in windows)
