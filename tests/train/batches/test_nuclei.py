import cv2
import numpy as np
import pytest

from mitokeras.train.batches.nuclei import find_nuclei

STROMA, NUCLEUS, RED_CELL = (225, 160, 200), (90, 70, 150), (230, 90, 110)


def drawn(spacing_um_px: float) -> np.ndarray:
    """Two nuclei of 8 um and a red cell, 100 um x 60 um."""
    image = np.full((round(60 / spacing_um_px), round(100 / spacing_um_px), 3), STROMA, np.uint8)
    for x_um, y_um, colour in ((20, 30, NUCLEUS), (50, 20, NUCLEUS), (80, 40, RED_CELL)):
        centre = round(x_um / spacing_um_px), round(y_um / spacing_um_px)
        cv2.circle(image, centre, round(4 / spacing_um_px), colour, cv2.FILLED)
    return image


@pytest.mark.parametrize("spacing_um_px", [0.25, 0.5])
def test_nuclei_are_found_and_red_cells_are_not(spacing_um_px: float) -> None:
    found = find_nuclei(drawn(spacing_um_px), spacing_um_px) * spacing_um_px
    assert (np.linalg.norm(found[:, None] - [(20, 30), (50, 20)], axis=2).min(axis=1) < 4).all()
    assert {round(x) // 25 for x, _ in found} == {0, 2}


def test_glass_has_no_nuclei() -> None:
    assert find_nuclei(np.full((100, 100, 3), 255, np.uint8), 0.25).shape == (0, 2)
