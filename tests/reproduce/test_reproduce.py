"""An experiment from a folder to its table, by the command line, in the smallest training."""

import csv
import json
from pathlib import Path

import pytest

from mitokeras.data.synthetic.writer import write_synthetic
from mitokeras.disk.files import sha256_of
from mitokeras.disk.locks import sole_writer
from mitokeras.reproduce.budgets import FULL, SMOKE
from mitokeras.reproduce.training import first_weights
from mitokeras.run.config import ClassifierConfig
from tests.models.test_weights import torch_resnet
from tests.runs import SHORT, call
from tests.torch_files import write_archive

ONCE = {**SHORT, "steps_per_epoch": 2, "epochs": 1}
TINY = {
    "segmenter": {"width": 8, "patch_px": 64, "schedule": ONCE},
    "classifier": {"input_px": 32, "schedule": ONCE},
    "detection": {"tile_px": 96, "halo_px": 16},
}


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
    first = tmp_path / "first.pth"
    write_archive(first, torch_resnet((3, 4, 6, 3), 64))
    arguments = (*arguments, "--weights", f"resnet34={first}")
    done = call(*arguments)
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
    assert by_name["SCMitosis"]["weights"] == f"first.pth, SHA-256 {sha256_of(first)[:8]}"
    assert by_name["Narrow | ours"]["weights"] == "random"
    assert by_name["Narrow | ours"]["comparison"] is not None
    assert by_name["IDSIA"]["scores"] == []
    scores = sorted((out / "rows").glob("*/score.json"))
    assert len(scores) == 3  # the segmenter and two classifiers
    before = [path.stat().st_mtime_ns for path in scores]

    again = call(*arguments)
    assert again.stdout == done.stdout
    assert [path.stat().st_mtime_ns for path in scores] == before

    assert not list((out / "rows").glob("*/checkpoints/*.keras"))
    with sole_writer(out):
        second = call(*arguments)
    assert second.exit_code == 1
    assert f"{out}: another program is writing there" in second.stderr

    other = call(*arguments[:5], "--budget", "smoke")
    assert other.exit_code == 1
    assert "was begun with another config" in other.stderr


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
        (["table2", "nowhere"], 1, "nowhere"),
    ],
)
def test_misuse(arguments: list[str], code: int, message: str, data: Path, tmp_path: Path) -> None:
    given = [str(data) if argument == "DATA" else argument for argument in arguments]
    done = call("reproduce", *given, "--out", tmp_path / "out", "--budget", "smoke")
    assert done.exit_code == code
    assert message in done.stderr
    assert not (tmp_path / "out" / "rows").exists()
