import numpy as np

from mitokeras.report.colours import INK, rgb
from mitokeras.report.slide.marks import (
    draw_scale_bar,
    mark_atypical,
    mark_figure,
    text_image,
    text_width,
)


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


def test_a_diamond_and_a_ring_are_told_apart_in_grey() -> None:
    drawn = []
    for mark in (mark_figure, mark_atypical):
        image = np.full((120, 120, 3), 160, dtype=np.uint8)
        mark(image, (60.0, 60.0), 40.0, 2)
        drawn.append(image.astype(float).mean(axis=2))
        assert (drawn[-1][40:81, 40:81] == 160).all()  # the cell itself
    ring, diamond = drawn
    # Beside its line the ring is darker than the tissue, and the diamond lighter.
    assert ring.min() < 60 and diamond.max() > 240
    assert (ring != 160).sum() > 100 and ((ring != 160) & (diamond != 160)).mean() < 0.1
