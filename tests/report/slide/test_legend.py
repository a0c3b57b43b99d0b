import numpy as np
import pytest

from mitokeras.report.colours import BLUE, rgb
from mitokeras.report.slide import marks
from mitokeras.report.slide.legend import legend
from mitokeras.report.slide.views import whole_slide
from tests.predictions import MEASURED, detection, prediction, slide


@pytest.fixture
def written(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What is drawn as text, piece by piece."""
    pieces: list[str] = []
    draw = marks.text_image

    def noted(text: str, letter_px: int) -> np.ndarray:
        pieces.append(text)
        return draw(text, letter_px)

    monkeypatch.setattr(marks, "text_image", noted)
    return pieces


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


def test_a_sentence_is_broken_between_words(written: list[str]) -> None:
    on = slide()
    told = prediction((detection(),), on, false_per_mm2=10.0)
    legend(whole_slide(on, 2400), told, 640)
    start = next(i for i, text in enumerate(written) if text.startswith("classifier threshold"))
    stop = next(i for i, text in enumerate(written) if text.startswith("slide.svs"))
    *lines, last = written[start:stop]
    assert lines and all(line.endswith(" ") for line in lines)
    assert "".join(lines) + last == (
        f"classifier threshold 0.5 (10 false per mm2), no mitotic score: {told.count.no_score}"
    )


def test_the_diamond_is_explained_where_there_is_a_stage_3(written: list[str]) -> None:
    on = slide()
    found = (detection(atypical_score=0.9), detection(atypical_score=0.1))
    unmeasured = MEASURED.changed(sensitivity=None)
    legend(whole_slide(on, 2400), prediction(found, on, subtyping=unmeasured), 1600)
    assert " 1 of them called atypical" in written
    text = "".join(written)
    assert "1 of 2 mitotic figures is called atypical: 50% (95% interval 9 to 91%)" in text
    assert "Warning: how often the model is right about atypical figures was not measured" in text
    written.clear()
    legend(whole_slide(on, 2400), prediction((detection(),), on), 1600)
    assert "atypical" not in "".join(written)
