from pathlib import Path

import numpy as np
import pytest

from mitokeras.data.fields import Field
from mitokeras.data.marked_lookalikes import count_marked, notes_on_marked
from mitokeras.errors import DataError

FIELD = Field(Path("a.png"), "case", 0.25, mask=Path("masks/a.png"))

MASK = np.zeros((30, 40), np.uint8)
MASK[10:20, 20:] = 1
FIGURES = np.array([(29.5, 14.5)])


def test_lookalikes_on_marked_pixels_are_counted() -> None:
    lookalikes = np.array([(20, 10), (19, 10), (22.4, 14), (39.5, 19.4), (39.5, 29.5)])
    assert count_marked(FIELD, lookalikes, FIGURES, MASK) == 3
    assert count_marked(FIELD, np.zeros((0, 2)), FIGURES, MASK) == 0
    assert count_marked(FIELD, lookalikes, np.zeros((0, 2)), 0 * MASK) == 0


def test_a_lookalike_that_is_a_figure_is_refused() -> None:
    lookalikes = np.array([(5, 5), (30.1, 14.9)])  # 0.6 and 0.4 px from the centroid
    message = (
        r"a\.png: an object may be labelled as one thing only, within 1 px\. Received: "
        r"\(30\.1, 14\.9\) as a look-alike and as a mitotic figure of .*masks"
    )
    with pytest.raises(DataError, match=message):
        count_marked(FIELD, lookalikes, FIGURES, MASK)


def test_a_note_where_there_are_any() -> None:
    assert notes_on_marked(0) == []
    assert notes_on_marked(2) == [
        "2 look-alikes lie on pixels that a mask marks as a mitotic figure"
    ]
