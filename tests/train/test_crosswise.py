from pathlib import Path
from types import SimpleNamespace
from typing import cast

import cv2
import numpy as np
import pytest
from shapely import box

from mitokeras.data.fields import Field, Mark
from mitokeras.data.store import Store, write_store
from mitokeras.train.crosswise import judge_crosswise
from mitokeras.train.driver import Training
from mitokeras.train.mining import Mined
from mitokeras.train.prepare import RunData


@pytest.mark.parametrize(
    "where", [{"labelled": box(60, 60, 80, 80)}, {"repeats": ((0.0, 0.0, 50.0, 50.0),)}]
)
def test_figures_that_are_not_scored_choose_no_thresholds(tmp_path: Path, where: dict) -> None:
    image = tmp_path / "a.png"
    cv2.imwrite(str(image), np.full((80, 80, 3), 200, np.uint8))
    marks = (Mark(20.0, 20.0),)
    fields = [Field(image, "a", 0.25, marks), Field(image, "b", 0.25, marks, **where)]
    write_store(fields, tmp_path / "store.h5", 0.25, None)
    with Store(tmp_path / "store.h5") as store:
        training = SimpleNamespace(
            data=RunData(store, ("train", "train"), ()),
            config=None,
            unseen=[SimpleNamespace(fields={index}) for index in (0, 1)],
        )
        assert judge_crosswise(cast(Training, training), cast(Mined, None)) == []
