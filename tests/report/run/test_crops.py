import numpy as np
import pytest

from mitokeras.report.run.crops import crop_around, grid_height_in


def numbered_image() -> np.ndarray:
    return np.arange(60, dtype=np.uint8).reshape(6, 10)[..., None].repeat(3, axis=2)


def test_a_crop_inside_is_a_plain_cut() -> None:
    image = numbered_image()
    np.testing.assert_array_equal(crop_around(image, 5, 3, 4), image[1:5, 3:7])


def test_a_crop_over_the_corner_is_white_outside() -> None:
    image = numbered_image()
    crop = crop_around(image, 0, 0, 4)
    np.testing.assert_array_equal(crop[2:, 2:], image[:2, :2])
    assert (crop[:2] == 255).all()
    assert (crop[:, :2] == 255).all()


@pytest.mark.parametrize("x, y", [(-50, 3), (50, 3), (5, -50), (5, 50)])
def test_a_crop_off_the_image_is_white(x: float, y: float) -> None:
    crop = crop_around(numbered_image(), x, y, 4)
    assert crop.shape == (4, 4, 3)
    assert (crop == 255).all()


def test_a_crop_larger_than_the_image_holds_all_of_it() -> None:
    image = numbered_image()
    crop = crop_around(image, 5, 3, 20)
    np.testing.assert_array_equal(crop[7:13, 5:15], image)


def test_grid_height_counts_rows_of_ten() -> None:
    assert grid_height_in(0) == 0
    assert grid_height_in(10) == grid_height_in(1)
    assert grid_height_in(11) == 2 * grid_height_in(1)
