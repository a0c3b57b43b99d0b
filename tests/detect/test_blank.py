import numpy as np
import pytest

from mitokeras.detect.blank import plane_grid, tissue_tiles
from mitokeras.slides.image_reader import ImageSlide
from tests.detectors import make_spec

SPEC = make_spec()  # cores of 48 px


def half_glass() -> ImageSlide:
    image = np.full((480, 960, 3), 250, np.uint8)
    image[:, :480] = (240, 190, 225)
    return ImageSlide(image, 0.25)


def test_tiles_without_tissue_nearby_are_blank() -> None:
    tiles = tissue_tiles(half_glass(), 1.0, SPEC)
    assert (tiles.grid.core_px, len(tiles.cores)) == (48, 200)
    # Tissue ends at 480, where the overview's blur adds one of its pixels of 8 um, 32 px; a core
    # is looked at up to 16 um, 64 px, beyond.
    assert tiles.area_mm2 == pytest.approx(0.128 * 0.120)
    assert sorted({x for _, x in tiles.own().tolist()}) == list(range(0, 576, 48))
    assert tiles.fullest()[0].tolist() in tiles.own().tolist()


def test_points_are_held_by_the_tile_that_they_lie_in() -> None:
    tiles = tissue_tiles(half_glass(), 1.0, SPEC)
    points = np.array([(0.0, 0.0), (-0.5, 479.4), (575.4, 30.0), (575.5, 30.0), (959.4, 479.4)])
    assert tiles.hold(points).tolist() == [True, True, True, False, False]
    assert tiles.hold(np.zeros((0, 2))).tolist() == []


def test_the_grid_is_that_of_the_plane() -> None:
    grid = plane_grid(960, 481, 0.5, SPEC)
    assert (grid.width, grid.height) == (480, 240)
