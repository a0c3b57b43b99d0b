"""Tissue and glass told apart on overviews of 8 um a pixel."""

from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mitokeras.data.synthetic.field import draw_field
from mitokeras.detect.tissue import (
    HOLE_MM2,
    SPECK_MM2,
    tissue_mask,
    tissue_px,
)

SPACING = 8.0
PINK = (200, 150, 190)
GLASS = {
    "white": (255, 255, 255),
    "light grey": (243, 243, 243),
    "grey": (200, 200, 200),
    "pinkish": (240, 233, 239),
    "yellowish": (245, 243, 230),
    "bluish": (228, 232, 241),
    "greenish": (232, 239, 233),
}


def as_jpeg(image: np.ndarray, noise: float = 2.0) -> np.ndarray:
    """The image with camera noise, after a JPEG file of low quality."""
    noisy = image + np.random.default_rng(0).normal(0, noise, image.shape)
    _, data = cv2.imencode(
        ".jpg", np.clip(noisy, 0, 255).astype(np.uint8), [cv2.IMWRITE_JPEG_QUALITY, 70]
    )
    return np.asarray(cv2.imdecode(data, cv2.IMREAD_COLOR))


def blank(
    colour: tuple[int, int, int] = (245, 245, 245), height: int = 200, width: int = 220
) -> np.ndarray:
    return np.full((height, width, 3), colour, np.float32)


def overview_of(image: np.ndarray) -> np.ndarray:
    """Shrink a field at 0.25 um to 8 um a pixel."""
    height, width = (side // 32 for side in image.shape[:2])
    return cv2.resize(image, (width, height), interpolation=cv2.INTER_AREA)


@pytest.fixture(scope="module")
def field() -> np.ndarray:
    return overview_of(draw_field(1024, 1024, seed=3, case=2).image)


@pytest.mark.parametrize("glass", GLASS)
def test_glass_is_no_tissue(glass: str) -> None:
    assert not tissue_mask(as_jpeg(blank(GLASS[glass]), noise=3.0), SPACING).any()


@pytest.mark.parametrize("glass", GLASS)
def test_tissue_on_glass_is_found(glass: str, field: np.ndarray) -> None:
    image = blank(GLASS[glass])
    block = np.tile(field, (3, 3, 1)) * (np.array(GLASS[glass]) / 250.0)
    image[50:146, 60:156] = block
    truth = np.zeros(image.shape[:2], bool)
    truth[50:146, 60:156] = True
    near = cv2.dilate(truth.astype(np.uint8), np.ones((5, 5))).astype(bool)
    mask = tissue_mask(as_jpeg(image), SPACING)
    assert mask[truth].mean() > 0.99
    assert mask[~near].mean() < 0.005


def test_a_field_that_is_all_tissue_comes_out_whole(field: np.ndarray) -> None:
    assert tissue_mask(field, SPACING).mean() > 0.98
    assert tissue_mask(field[:4, :4], SPACING).all()


def test_dense_nuclei_and_pale_stroma_in_one_field_are_both_tissue() -> None:
    field = blank((225, 205, 218), 65, 65)
    field[:, :30] = (110, 75, 140)
    assert tissue_mask(as_jpeg(field, noise=5.0), SPACING).all()


def test_real_frames_are_tissue_throughout(shared_data: Path) -> None:
    for path in sorted((shared_data / "brecahad" / "images").glob("*"))[:3]:
        frame = cv2.cvtColor(cv2.imread(str(path)), cv2.COLOR_BGR2RGB)
        assert tissue_mask(overview_of(frame), SPACING).mean() > 0.98, path.name


def test_real_patches_of_many_stains_are_found_on_glass(shared_data: Path) -> None:
    paths = sorted((shared_data / "atnorm_br" / "images").glob("*"))[:200]
    patches = [
        overview_of(cv2.cvtColor(cv2.imread(str(path)), cv2.COLOR_BGR2RGB)) for path in paths
    ]
    image = blank()
    rows = [np.concatenate(patches[start : start + 20], axis=1) for start in range(0, 200, 20)]
    image[40:80, 50:130] = np.concatenate(rows)
    mask = tissue_mask(as_jpeg(image), SPACING)
    assert mask[40:80, 50:130].mean() > 0.99
    assert mask.sum() < 44 * 84


def test_black_padding_is_no_tissue() -> None:
    image = blank()
    image[:, :70] = 0
    image[60:160, 100:200] = PINK
    mask = tissue_mask(as_jpeg(image), SPACING)
    assert not mask[:, :90].any()
    assert mask[60:160, 100:200].all()


@pytest.mark.parametrize(
    "colour", [(25, 22, 28), (45, 40, 50), (40, 60, 160), (60, 90, 200), (30, 120, 60)]
)
def test_ink_is_no_tissue(colour: tuple[int, int, int]) -> None:
    image = blank()
    cv2.line(image, (20, 20), (200, 150), colour, 12)
    cv2.GaussianBlur(image, (0, 0), 1.0, dst=image)
    assert not tissue_mask(as_jpeg(image), SPACING).any()


def test_grey_dust_is_no_tissue() -> None:
    image = blank()
    rng = np.random.default_rng(1)
    for x, y, radius in zip(
        rng.integers(0, 220, 30), rng.integers(0, 200, 30), rng.integers(1, 9, 30), strict=True
    ):
        cv2.circle(image, (int(x), int(y)), int(radius), (130, 130, 130), -1)
    assert not tissue_mask(as_jpeg(image), SPACING).any()


@pytest.mark.parametrize("spacing", [4.0, 8.0, 16.0])
def test_a_fragment_of_one_mm2_is_kept_and_a_speck_is_dropped(spacing: float) -> None:
    image = blank(height=400, width=400)
    fragment = round(1000 / spacing)
    speck = round(0.5 * np.sqrt(SPECK_MM2) * 1000 / spacing)
    image[20 : 20 + fragment, 20 : 20 + fragment] = PINK
    image[340 : 340 + speck, 340 : 340 + speck] = PINK
    mask = tissue_mask(as_jpeg(image), spacing)
    assert mask[20 : 20 + fragment, 20 : 20 + fragment].mean() > 0.99
    assert not mask[330:, 330:].any()
    # Its border is drawn wider, by the smoothing and by the JPEG file's coarser colours.
    assert mask.sum() <= (fragment + 6) ** 2


def test_small_holes_are_filled_and_large_ones_are_not() -> None:
    image = blank()
    image[10:190, 10:210] = PINK
    small = round(0.8 * np.sqrt(HOLE_MM2) * 1000 / SPACING)
    image[30 : 30 + small, 30 : 30 + small] = 245
    image[90:170, 90:170] = 245
    mask = tissue_mask(as_jpeg(image), SPACING)
    assert mask[20:80, 20:80].all()
    assert not mask[95:165, 95:165].any()


def test_tiles_by_hand() -> None:
    # One pixel of tissue: rows 8 to 11 and columns 12 to 15 of level 0.
    mask = np.zeros((6, 6), bool)
    mask[2, 3] = True
    cores = np.array([(0, 0), (0, 8), (8, 8), (16, 16), (8, 0)])
    assert tissue_px(mask, 4, cores, 8, 0).tolist() == [0, 0, 1, 0, 0]
    assert tissue_px(mask, 4, cores, 8, 1).tolist() == [0, 1, 1, 0, 0]
    assert tissue_px(mask, 4, cores, 8, 4).tolist() == [0, 1, 1, 0, 0]
    assert tissue_px(mask, 4, cores, 8, 5).tolist() == [1, 1, 1, 1, 1]


def test_the_grid_of_the_tiles_may_be_finer_or_coarser_than_the_slide() -> None:
    mask = np.zeros((4, 4), bool)
    mask[1, 1] = True  # rows and columns 2.5 to 5 of the grid
    cores = np.array([(0, 0), (0, 3), (3, 3), (5, 5), (4, 0)])
    assert tissue_px(mask, 2.5, cores, 3, 0).tolist() == [1, 1, 1, 0, 1]
    assert tissue_px(mask, 2.5, cores, 2, 0).tolist() == [0, 0, 1, 0, 0]


def test_no_tiles() -> None:
    assert tissue_px(np.ones((3, 3), bool), 8, np.zeros((0, 2), int), 16, 4).shape == (0,)


@settings(deadline=None, max_examples=60)
@given(
    st.integers(1, 9),
    st.integers(1, 20),
    st.integers(0, 12),
    st.integers(0, 2**32 - 1),
)
def test_tiles_equal_a_look_at_every_pixel(shrink: int, core: int, margin: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    mask = rng.random((7, 9)) < 0.06
    pixels = mask.repeat(shrink, axis=0).repeat(shrink, axis=1)
    height, width = pixels.shape
    cores = np.array([(y, x) for y in range(0, height, core) for x in range(0, width, core)])
    expected = [
        pixels[max(0, y - margin) : y + core + margin, max(0, x - margin) : x + core + margin].any()
        for y, x in cores
    ]
    assert (tissue_px(mask, shrink, cores, core, margin) > 0).tolist() == expected
