import numpy as np

from mitokeras.report.colours import BLUE, rgb
from mitokeras.report.slide.legend import legend
from mitokeras.report.slide.views import whole_slide
from tests.predictions import detection, prediction, slide


def test_it_has_the_width_asked_for_and_grows_with_the_name() -> None:
    on = slide()
    view = whole_slide(on, 2400)
    short = legend(view, prediction((detection(),), on), 640)
    long = legend(view, prediction((detection(),), on, name=200 * "w" + ".svs"), 640)
    assert short.shape[1] == long.shape[1] == 640
    assert long.shape[0] > short.shape[0]


def test_no_circle_is_explained_that_is_not_seen() -> None:
    def blue(width_px: int) -> bool:
        on = slide(width_px, width_px)
        told = prediction((detection(),), on)
        drawn = legend(whole_slide(on, 2400), told, 900)
        return bool((np.abs(drawn.astype(int) - rgb(BLUE)).max(axis=2) < 12).any())

    assert blue(4000)  # 1 mm, the circle's radius is 0.8 mm
    assert not blue(400)
