"""An experiment from a folder to its table, by the command line, in the smallest training."""

import csv
import json
from pathlib import Path

import pytest

from mitokeras.data.synthetic import write_synthetic
from mitokeras.reproduce.reproduce import _comparison, _seed_score
from mitokeras.reproduce.workspace import RowScore
from tests.runs import mitokeras

TINY = {
    "segmenter": {"patch_px": 64, "schedule": {"batch": 4, "steps_per_epoch": 3, "epochs": 1}},
    "classifier": {"input_px": 32, "schedule": {"batch": 4, "steps_per_epoch": 2, "epochs": 1}},
    "detection": {"tile_px": 96, "halo_px": 16},
}


def score(counts: list[tuple[int, int, int]], cases: list[str]) -> RowScore:
    return RowScore(
        parameters=1,
        macs=None,
        seconds_per_field=1.0,
        thresholds={"segmenter": 0.5},
        cases=tuple(cases),
        counts=tuple(counts),
    )


def test_counts_are_pooled_and_drawn_by_case() -> None:
    of_cases = score([(2, 1, 0), (0, 1, 2), (4, 0, 0), (1, 1, 1)], ["a", "a", "b", "c"])
    result = _seed_score(5, of_cases)
    assert (result.seed, result.tp, result.fp, result.fn) == (5, 7, 3, 3)
    assert result.rates.f1 == pytest.approx(14 / 20)
    assert result.ci95_unit == "case"
    low, high = result.f1_ci95
    assert low == pytest.approx(4 / 8)  # all draws the worst case, a: 2 tp, 2 fp, 2 fn
    assert high == 1.0
    assert _seed_score(0, score([(2, 1, 0), (0, 1, 2)], ["a", "b"])).ci95_unit == "field"


def test_comparison_of_two_rows_by_hand() -> None:
    ours = score([(1, 0, 0), (1, 0, 0), (1, 0, 0), (0, 0, 1)], ["a", "b", "c", "d"])
    theirs = score([(1, 0, 0), (0, 1, 1), (0, 1, 1), (0, 1, 1)], ["a", "b", "c", "d"])
    result = _comparison(ours, theirs)
    assert result.f1_difference == pytest.approx(6 / 7 - 2 / 8)
    assert result.mcnemar_p == 0.5  # two fields that only ours has right, of two: 2 * 0.25
    same = _comparison(ours, ours)
    assert same.f1_difference == 0.0
    assert same.mcnemar_p is None


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("data") / "drawn"
    write_synthetic(folder, 6, seed=1, field_px=192, cases=6)
    return folder


@pytest.mark.slow
def test_rows_are_trained_once_and_failures_reported(data: Path, tmp_path: Path) -> None:
    config = tmp_path / "tiny.json"
    config.write_text(json.dumps(TINY))
    out = tmp_path / "out"
    arguments = ("reproduce", "table3", data, "--out", out, "--budget", "smoke", "--config", config)
    arguments = (*arguments, "--add", "Narrow | ours=edge", "--add", "Broken=resnet999")
    done = mitokeras(*arguments)
    assert done.returncode == 1
    assert "these rows failed: Broken" in done.stderr
    assert "smoke" in done.stdout
    with (out / "table3.csv").open(encoding="utf-8") as file:
        names = [row["row"] for row in csv.DictReader(file)]
    assert names[-2:] == ["Narrow | ours", "Broken"]
    assert len([name for name in names if name in ("SCMitosis", "MaskMitosis", "IDSIA")]) == 3
    for suffix in ("md", "tex", "png", "svg"):
        assert (out / f"table3.{suffix}").stat().st_size > 0
    result = json.loads((out / "table3.json").read_text("utf-8"))
    by_name = {row["name"]: row for row in result["rows"]}
    assert "resnet999" in by_name["Broken"]["failure"]
    assert by_name["SCMitosis"]["published"]["f1"] == 0.8643
    assert by_name["SCMitosis"]["parameters"] > 2e7
    assert by_name["Narrow | ours"]["comparison"] is not None
    assert by_name["IDSIA"]["scores"] == []
    scores = sorted((out / "rows").glob("*/score.json"))
    assert len(scores) == 3  # the segmenter and two classifiers
    before = [path.stat().st_mtime_ns for path in scores]

    again = mitokeras(*arguments)
    assert again.stdout == done.stdout
    assert [path.stat().st_mtime_ns for path in scores] == before

    other = mitokeras(*arguments[:5], "--budget", "smoke")
    assert other.returncode == 1
    assert "was begun with another config" in other.stderr


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["table9", "DATA"], 2, "table9"),
        (["table2", "DATA", "--add", "x"], 2, "NAME=VALUE"),
        (["table2", "DATA", "--add", "DSC+CBAM=unet"], 1, "must give a new name"),
        (["table2", "nowhere"], 1, "nowhere"),
    ],
)
def test_misuse(arguments: list[str], code: int, message: str, data: Path, tmp_path: Path) -> None:
    given = [str(data) if argument == "DATA" else argument for argument in arguments]
    done = mitokeras("reproduce", *given, "--out", tmp_path / "out", "--budget", "smoke")
    assert done.returncode == code
    assert message in done.stderr
    assert not (tmp_path / "out" / "rows").exists()
