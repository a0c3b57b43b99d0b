import json
from pathlib import Path
from typing import Any

import pytest

from mitokeras.detect.curve import RESULT_FILE, CurvePoint
from mitokeras.detect.folder import SHIPPED
from mitokeras.errors import ModelError
from mitokeras.score.crossvalidation import read_crossvalidation, trade_off

CURVE = [
    CurvePoint(
        classifier_threshold=threshold, fp_per_mm2=false, recall=1.0, recall_partly_labelled=None
    )
    for threshold, false in ((0.1, 80.0), (0.2, 15.0), (0.3, 15.0), (0.4, 11.0), (0.5, 0.0))
]


def test_the_lowest_threshold_within_each_limit() -> None:
    assert trade_off(CURVE, (60, 15, 10)) == [CURVE[1], CURVE[4]]
    assert trade_off(CURVE[:1]) == []


def test_a_run_without_one(tmp_path: Path) -> None:
    assert read_crossvalidation(tmp_path) is None


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({"method": None}, "'method'"),
        ({"sources": {"a": {"protocol": "midog"}}}, "'sources.a.fields'"),
        ({"sources": {"a": {"protocol": 7}}}, "'sources.a.protocol'"),
    ],
)
def test_a_wrong_one_is_refused(tmp_path: Path, changes: dict[str, Any], rule: str) -> None:
    path = tmp_path / RESULT_FILE
    path.write_text(json.dumps({"method": "Each case once.", "sources": {}, **changes}))
    with pytest.raises(ModelError) as error:
        read_crossvalidation(tmp_path)
    assert str(error.value).startswith(f"{path}: ")
    assert rule in str(error.value)
    assert "\n" not in str(error.value)


def test_the_file_of_the_shipped_model_is_read() -> None:
    assert "brecahad" in read_crossvalidation(SHIPPED / "edge").sources
