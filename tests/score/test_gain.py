"""Whether a fine-tuned detector is better than its start: values derived by hand."""

import numpy as np
import pytest

from mitokeras.data.protocols import get_protocol
from mitokeras.detect.candidates import Candidates
from mitokeras.detect.spec import Thresholds
from mitokeras.report.score_table import gain_text
from mitokeras.score.gain import gain
from mitokeras.score.scored_field import ScoredField
from mitokeras.score.scores import Gain

PROTOCOL = get_protocol("midog")
THRESHOLDS = Thresholds(segmenter=0.5, classifier=0.5)
TRUTHS = np.array([[100.0, 100.0], [300.0, 100.0]])
FALSE = np.array([[100.0, 300.0]])


def field(number: int, detections: np.ndarray, truths: np.ndarray = TRUTHS) -> ScoredField:
    found = np.asarray(detections, float).reshape(-1, 2)
    ones = np.ones(len(found))
    candidates = Candidates(found, ones, ones.astype(int), ones, ones.astype(bool), ones)
    return ScoredField(f"f{number}", f"case{number}", 0.25, 0.1, truths, candidates)


def compared(before: list[np.ndarray], after: list[np.ndarray]) -> tuple[Gain, str]:
    fields = [[field(n, xy) for n, xy in enumerate(each)] for each in (before, after)]
    result = gain("edge", *fields, PROTOCOL, THRESHOLDS, THRESHOLDS)
    return result, gain_text(result)


def test_a_gain_on_every_case_is_shown() -> None:
    """Before: one of two found and one false, F1 2 / 4; after: both, F1 1."""
    one = np.vstack([TRUTHS[:1], FALSE])
    result, text = compared([one] * 6, [TRUTHS] * 6)
    assert result.difference == pytest.approx(0.5)
    assert result.ci95 == (pytest.approx(0.5), pytest.approx(0.5))
    assert result.is_shown
    assert text == (
        "F1 of both stages 0.500 before (edge) and 1.000 after, on the same 6 fields: a "
        "difference of 0.500 (95 % 0.500 to 0.500, by case). So it is better than edge on such "
        "fields"
    )


@pytest.mark.parametrize(("number", "unit"), [(1, "field"), (2, "field"), (5, "case")])
def test_few_that_all_gain_show_nothing(number: int, unit: str) -> None:
    one = np.vstack([TRUTHS[:1], FALSE])
    result, text = compared([one] * number, [TRUTHS] * number)
    assert result.ci95 == (pytest.approx(0.5), pytest.approx(0.5))
    assert not result.is_shown
    assert f"fewer than 6 {unit}s are too few to tell: it is not shown to be better" in text
    assert ("same 1 field:" in text) == (number == 1)


def test_one_case_of_eight_is_chance() -> None:
    """Draws without the case that is better show no difference: (7 / 8) ** 8 of them, 34 %."""
    one = np.vstack([TRUTHS[:1], FALSE])
    result, text = compared([one] * 8, [TRUTHS, *[one] * 7])
    assert result.difference == pytest.approx(18 / 32 - 0.5)  # tp 9, fp 7, fn 7 after
    assert not result.is_shown
    assert "that is within chance: it is not shown to be better than edge" in text


def test_worse_is_not_called_better() -> None:
    result, text = compared([TRUTHS] * 3, [TRUTHS[:1]] * 3)
    assert result.difference == pytest.approx(2 / 3 - 1)
    assert "it is NOT better than edge: keep using edge" in text
    same, _ = compared([TRUTHS] * 3, [TRUTHS] * 3)
    assert same.difference == 0
    assert "NOT better" in same.verdict


def test_nothing_to_find_and_nothing_found_says_nothing() -> None:
    none = np.zeros((0, 2))
    fields = [field(n, none, none) for n in range(3)]
    result = gain("edge", fields, fields, PROTOCOL, THRESHOLDS, THRESHOLDS)
    assert result.difference is None
    assert result.verdict == "whether it is better than edge cannot be said of these fields"
