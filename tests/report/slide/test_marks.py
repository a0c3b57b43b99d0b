import numpy as np

from mitokeras.report.colours import INK, rgb
from mitokeras.report.slide.marks import draw_scale_bar, text_image, text_width


def test_the_bar_is_as_long_as_it_says() -> None:
    image = np.full((300, 1000, 3), 120, dtype=np.uint8)
    draw_scale_bar(image, um_px=0.5, letter_px=20)  # at most 125 um, so 100 um: 200 px
    rows = (image == rgb(INK)).all(axis=2).sum(axis=1)
    assert rows.max() == 200


def test_a_picture_too_small_for_a_bar_gets_none() -> None:
    image = np.full((12, 12, 3), 120, dtype=np.uint8)
    draw_scale_bar(image, um_px=0.5, letter_px=14)
    assert (image == 120).all()


def test_letters_outside_ascii_are_replaced() -> None:
    np.testing.assert_array_equal(text_image("ü 病", 20), text_image("u ?", 20))
    assert text_width("mm", 20) > text_width("m", 20)
