"""When a mitotic score is given. Field of 0.55 mm: score 2 from 9 on, score 3 from 18 on."""

import pytest

from mitokeras.counting.chance import ByChance
from mitokeras.counting.score import judge_score


def false(most: int) -> ByChance:
    return ByChance(expected=0.5 * most, most=most)


@pytest.mark.parametrize(
    ("figures", "most", "score"),
    [
        (0, 0, 1), (8, 0, 1), (9, 0, 2), (17, 0, 2), (18, 0, 3),
        (8, 8, 1),  # false figures do not lift a count to score 1
        (11, 3, None), (12, 3, 2),  # 11 - 3 = 8 is score 1
        (20, 3, None), (21, 3, 3),  # 20 - 3 = 17 is score 2
        (16, 8, None), (17, 8, 2), (25, 8, None), (26, 8, 3),
        (0, 9, None), (5, 9, None), (200, 9, None),  # a model whose noise is of score 2
    ],
)  # fmt: skip
def test_a_score_stands_only_above_what_is_false(
    figures: int, most: int, score: int | None
) -> None:
    verdict = judge_score(figures, 50.0, 0.55, false(most))
    assert verdict.score == score
    assert (verdict.no_score is None) == (score is not None)


@pytest.mark.parametrize(
    ("figures", "tissue_mm2", "diameter", "most", "sentence"),
    [
        (3, 0.0, 0.55, 0, "There is no tissue to count on."),
        # Ten fields of 0.55 mm are 10 * pi * 0.55^2 / 4 = 2.376 mm2.
        (3, 2.3, 0.55, 0,
         "The tissue (2.30 mm2) is smaller than ten fields of 0.55 mm (2.38 mm2)."),
        (3, 50.0, 0.80, 0, "The table of cut-offs has no field of 0.80 mm."),
        (3, 50.0, 0.55, None,
         "The false figures of this model at its thresholds were not measured."),
        (3, 50.0, 0.55, 9,
         "The ten fullest fields of so much tissue can hold 9 false figures of this model alone, "
         "and score 2 begins at 9."),
        (11, 50.0, 0.55, 3, "Of the 11 figures in ten fields 3 can be false, and score 2 begins "
         "at 9."),
        (20, 50.0, 0.55, 3, "Of the 20 figures in ten fields 3 can be false, and score 3 begins "
         "at 18."),
    ],
)  # fmt: skip
def test_why_there_is_none_in_a_sentence(
    figures: int, tissue_mm2: float, diameter: float, most: int | None, sentence: str
) -> None:
    chance = None if most is None else false(most)
    assert judge_score(figures, tissue_mm2, diameter, chance) == (None, sentence)
