"""An experiment from a folder to its table, by the command line, in the smallest training."""

import csv
import json
from pathlib import Path

import pytest

from mitokeras.disk.files import sha256_of
from mitokeras.disk.locks import sole_writer
from mitokeras.reproduce.budgets import FULL, SMOKE
from mitokeras.reproduce.training import first_weights
from mitokeras.run.stage_config import ClassifierConfig
from tests.reproduce.conftest import ADDED, Called
from tests.runs import call


@pytest.mark.slow
def test_rows_are_trained_once_and_failures_reported(table3: Called) -> None:
    done, out = table3.done, table3.out
    assert done.exit_code == 1
    assert "these rows failed: Broken" in done.stderr
    assert "smoke" in done.stdout
    with (out / "table3.csv").open(encoding="utf-8") as file:
        names = [row["row"] for row in csv.DictReader(file)]
    assert names[-2:] == ["Narrow | ours", "Broken"]
    assert len([name for name in names if name in ("SCMitosis", "MaskMitosis", "IDSIA")]) == 3
    for suffix in ("md", "csv", "png", "svg"):
        assert (out / f"table3.{suffix}").stat().st_size > 0
    result = json.loads((out / "table3.json").read_text("utf-8"))
    by_name = {row["name"]: row for row in result["rows"]}
    assert "resnet999" in by_name["Broken"]["failure"]
    assert by_name["SCMitosis"]["published"]["f1"] == 0.8643
    assert by_name["SCMitosis"]["parameters"] > 2e7
    first = sha256_of(out.parent / "first.pth")[:8]
    assert by_name["SCMitosis"]["weights"] == f"first.pth, SHA-256 {first}"
    assert by_name["Narrow | ours"]["weights"] == "random"
    assert by_name["Narrow | ours"]["comparison"] is not None
    assert by_name["IDSIA"]["scores"] == []
    scores = sorted((out / "rows").glob("*/score.json"))
    assert len(scores) == 3  # the segmenter and two classifiers
    before = [path.stat().st_mtime_ns for path in scores]

    again = call("reproduce", "table3", *table3.arguments, *ADDED)
    assert again.stdout == done.stdout  # what was timed is kept as well
    assert [path.stat().st_mtime_ns for path in scores] == before

    assert not list((out / "rows").glob("*/checkpoints/*.keras"))
    with sole_writer(out):
        second = call("reproduce", "table3", *table3.arguments, *ADDED)
    assert second.exit_code == 1
    assert f"{out}: another program is writing there" in second.stderr

    other = call("reproduce", "table3", *table3.arguments[:5])
    assert other.exit_code == 1
    assert "was begun with another config" in other.stderr


@pytest.mark.slow
def test_networks_are_timed_in_both_precisions(table3: Called) -> None:
    result = json.loads((table3.out / "table3.json").read_text("utf-8"))
    costs = {row["name"]: row["cost"] for row in result["rows"] if row.get("cost")}
    assert set(costs) == {"SCMitosis", "Narrow | ours"}
    kept = json.loads((table3.out / "table3-cost.json").read_text("utf-8"))
    timed = {name: set(files) for name, files in kept["files"].items()}
    both = {"fp32", "int8"}
    networks = ("segmenter paper", "classifier resnet34", "classifier edge")
    assert timed == dict.fromkeys(networks, both)
    # Two cores of 64 px (96 less twice 16) along each side, at 0.25 um.
    assert kept["region_mm2"] == pytest.approx((128 * 0.25e-3) ** 2)
    # Both have the time of one segmenter; the narrow classifier adds less to it, if anything.
    for precision in both:
        assert 0 < costs["Narrow | ours"][precision] <= costs["SCMitosis"][precision]


def test_full_starts_as_the_paper_does() -> None:
    assert first_weights(FULL.classifier) == "ImageNet"
    assert first_weights(FULL.segmenter) == first_weights(SMOKE.classifier) == "random"
    own = ClassifierConfig(model="my.nets:small", weights="imagenet")
    assert first_weights(own) == "those of its function"


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["table9", "DATA"], 2, "table9"),
        (["table2", "DATA", "--add", "x"], 2, "NAME=VALUE"),
        (["table2", "DATA", "--add", "DSC+CBAM=unet"], 1, "must give a new name"),
        (["all", "DATA", "--add", "Mine=unet"], 1, "--add is for tables 2 to 4"),
        (["curve", "DATA", "--add", "Mine=unet"], 1, "--add is for tables 2 to 4"),
        (["figure7", "DATA", "--run", "run"], 1, "--run is for figures 5, 9, 10 and 11"),
        (["table2", "DATA", "--count", "DATA"], 1, "--count is for table1, all and atypical"),
        (["table2", "DATA", "--set", "a=b"], 1, "--set is for atypical"),
        (["figure9", "DATA", "--run", "nowhere"], 1, "nowhere"),
        (["table2", "nowhere"], 1, "nowhere"),
    ],
)
def test_misuse(arguments: list[str], code: int, message: str, data: Path, tmp_path: Path) -> None:
    given = [str(data) if argument == "DATA" else argument for argument in arguments]
    done = call("reproduce", *given, "--out", tmp_path / "out", "--budget", "smoke")
    assert done.exit_code == code
    assert message in done.stderr
    assert not (tmp_path / "out" / "rows").exists()
