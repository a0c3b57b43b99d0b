import numpy as np
import pytest

from mitokeras.counting.hotspot import Circle
from mitokeras.report.slide import views as slide_views
from mitokeras.report.slide.views import crop, region, whole_slide
from tests.predictions import WatchedSlide, slide


def numbered(width: int, height: int) -> WatchedSlide:
    """Red grows by one each column, green each row."""
    image = np.zeros((height, width, 3), dtype=np.uint8)
    image[..., 0] = np.arange(width)
    image[..., 1] = np.arange(height)[:, None]
    return WatchedSlide(image, 0.25, "PNG", "PNG")


def test_the_whole_slide_is_shrunk_by_a_whole_number_and_never_enlarged() -> None:
    view = whole_slide(slide(640, 480), 200)
    assert view.image.shape == (120, 160, 3)  # 640 / 4
    assert (view.shrink, view.um_px) == (4, 1.0)
    assert whole_slide(slide(640, 480), 2400).image.shape == (480, 640, 3)


def test_points_are_placed_by_pixel_centres() -> None:
    view = whole_slide(slide(640, 480), 160)
    # Pixels 0 to 3 make pixel 0 of the picture, whose centre is theirs.
    assert view.place(1.5, 5.5) == (0.0, 1.0)
    # 0.002 mm are 8 pixels, the border between the picture's pixels 1 and 2.
    assert view.place_mm(0.002, 0.001) == (1.5, 0.5)


def test_a_region_stays_on_the_slide_and_averages() -> None:
    part = region(numbered(100, 80), 0.0, 0.01, 0.01, 10)  # 40 px about (0, 40)
    assert (part.left, part.top, part.shrink) == (0, 20, 4)
    assert part.image.shape == (10, 5, 3)
    # Means of 0 1 2 3 and of 20 21 22 23.
    assert np.abs(part.image[0, 0, :2].astype(float) - (1.5, 21.5)).max() <= 0.5


def test_a_region_is_read_in_bands(monkeypatch: pytest.MonkeyPatch) -> None:
    watched = numbered(200, 160)
    at_once = region(watched, 0.02, 0.02, 0.04, 40)
    assert watched.largest == 160 * 160
    monkeypatch.setattr(slide_views, "_BAND_PIXELS", 160 * 4 * 3)
    watched.largest = 0
    in_bands = region(watched, 0.02, 0.02, 0.04, 40)
    assert watched.largest == 160 * 4 * 3
    np.testing.assert_array_equal(in_bands.image, at_once.image)


def test_a_crop_is_centred_and_white_beyond_the_border() -> None:
    picture = crop(numbered(100, 80), 50.0, 40.0, side_um=1.25, side_px=5)
    assert picture[2, 2].tolist() == [50, 40, 0]
    corner = crop(numbered(100, 80), 0.0, 79.0, side_um=1.25, side_px=5)
    assert corner[2, 2].tolist() == [0, 79, 0]
    assert (corner[3:] == 255).all() and (corner[:, :2] == 255).all()
    assert (corner[:3, 2:, 2] == 0).all()


def test_a_crop_far_outside_is_white() -> None:
    assert (crop(numbered(10, 10), 500.0, 5.0, side_um=2.0, side_px=16) == 255).all()


def test_a_circle_that_covers_the_picture_shows_no_border() -> None:
    view = whole_slide(slide(400, 300), 2400)  # 0.1 x 0.075 mm, half its diagonal 0.0625 mm

    def circle(radius_mm: float) -> Circle:
        return Circle(x_mm=0.05, y_mm=0.0375, area_mm2=np.pi * radius_mm**2, figures=1)

    assert not view.shows_border(circle(0.063))
    assert view.shows_border(circle(0.062))


def test_millimetres_are_placed_by_each_axis_own_spacing() -> None:
    view = whole_slide(slide(640, 480, (0.25, 0.2)), 160)
    assert view.place_mm(0.01, 0.01) == pytest.approx((40 / 4 - 0.5, 50 / 4 - 0.5))
    assert view.um_px == pytest.approx(0.225 * 4)
