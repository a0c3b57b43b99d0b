from dataclasses import replace
from pathlib import Path

import numpy as np

from mitokeras.data.stain import tissue_mask
from mitokeras.data.stored_field import StoredField
from mitokeras.detect.candidates import cut_crops
from mitokeras.export.tflite.calibration import CROPS, TILES, calibration_set, figure_crops
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


def test_stage_3_sees_as_many_figures_of_either_subtype(subtyping_run: Path) -> None:
    with open_run(subtyping_run) as trained:
        fields = trained.fields("train")
        crop_px = trained.spec.crop_px
        first = fields[0]
        rare = np.where(first.subtypes == "atypical", "atypical", "")
        few = [replace(first, subtypes=rare), *(replace(f, subtypes=named(f)) for f in fields[1:])]
        crops = figure_crops(few, 0, crop_px)
        again = figure_crops(few, 0, crop_px)
        atypical = cut_crops(first.image(), first.figures[rare == "atypical"], crop_px)
        unknown = [replace(f, subtypes=np.full(len(f.figures), "")) for f in fields]
        any_figures = figure_crops(unknown, 0, crop_px)
    assert crops.shape == (4, crop_px, crop_px, 3)  # two atypical ones, and two of many normal
    assert sum(any((crop == own).all() for own in atypical) for crop in crops) == 2
    np.testing.assert_array_equal(crops, again)
    assert len(any_figures) == sum(len(f.figures) for f in fields)


def named(field: StoredField) -> np.ndarray:
    return np.full(len(field.figures), "normal")
