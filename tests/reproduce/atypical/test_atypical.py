"""The benchmark from a folder to its table, by the command line, in the smallest training."""

import json
from pathlib import Path

import numpy as np
import pytest

from mitokeras.disk.files import read_json
from mitokeras.reproduce.atypical.atypical import TITLE
from mitokeras.reproduce.atypical.results import AtypicalResult
from mitokeras.reproduce.atypical.workspace import Workspace
from tests.runs import EDGE_CLASSIFIER, SHORT, call, mitokeras
from tests.subtyped_data import write_subtyped

SETS = {"left": ("case_0", "case_1"), "right": ("case_2", "case_3")}


@pytest.fixture(scope="module")
def arguments(tmp_path_factory: pytest.TempPathFactory) -> list[object]:
    folder = tmp_path_factory.mktemp("atypical")
    config = folder / "tiny.json"
    schedule = {**SHORT, "batch": 16, "steps_per_epoch": 40, "epochs": 1}
    config.write_text(json.dumps({"subtyper": {**EDGE_CLASSIFIER, "schedule": schedule}}))
    asked = ["reproduce", "atypical", write_subtyped(folder / "data"), "--out", folder / "out"]
    sets = [f"--set={name}={','.join(cases)}" for name, cases in SETS.items()]
    return [*asked, "--budget", "smoke", "--config", config, *sets, "--seeds"]


@pytest.fixture(scope="module")
def out(arguments: list[object]) -> Path:
    """One training on each set, then one more."""
    first = mitokeras(*arguments, 1)
    assert first.returncode == 0, first.stderr
    assert first.stderr.count("training on") == 2
    more = mitokeras(*arguments, 2)
    assert more.returncode == 0, more.stderr
    trained = [line for line in more.stderr.splitlines() if "training on" in line]
    assert trained == ["training on left, seed 1", "training on right, seed 1"]
    assert TITLE in more.stdout
    assert "smoke run" in more.stdout
    folder = arguments[4]
    assert isinstance(folder, Path)
    return folder


@pytest.mark.slow
def test_each_set_is_trained_on_and_the_others_tested_whole(out: Path) -> None:
    workspace = Workspace.open(out)
    for trained, tested in (("left", "right"), ("right", "left")):
        for seed in (0, 1):
            given = workspace.figures(trained, seed)
            assert given is not None
            assert (given.normal, given.atypical, given.cases) == (16, 16, 1)
            assert "on 32 figures that it held out" in given.chosen
            assert set(given.tested) == {tested}
            assert set(given.tested[tested].case) == set(SETS[tested])
            assert len(given.tested[tested].score) == 64
            assert not list(workspace.run(trained, seed).checkpoints.glob("*.keras"))


@pytest.mark.slow
def test_the_table_has_all_trainings_and_int8(out: Path) -> None:
    result = AtypicalResult.model_validate(read_json(out / "atypical.json"))
    assert [(own.trained, own.tested) for own in result.pairs] == [
        ("left", "right"),
        ("right", "left"),
    ]
    for own in result.pairs:
        assert [each.seed for each in own.seeds] == [0, 1]
        assert own.mean.auroc is not None and own.mean.auroc > 0.9  # bars and discs
        assert own.int8 is not None
    assert result.data[0] == "left: 32 normal and 32 atypical figures of 2 cases"
    assert (out / "trained" / "left-0" / "subtyper-int8.tflite").is_file()
    assert not (out / "trained" / "left-1" / "subtyper-int8.tflite").exists()


@pytest.mark.slow
def test_int8_says_what_float32_says(out: Path) -> None:
    workspace = Workspace.open(out)
    for trained, tested in (("left", "right"), ("right", "left")):
        given, int8 = workspace.figures(trained, 0), workspace.int8(trained, 0)
        assert given is not None and int8 is not None
        assert int8.size_bytes < 2e6
        both = (own.tested[tested].figures.score for own in (given, int8))
        assert np.subtract(*both) == pytest.approx(0, abs=0.15)


@pytest.mark.slow
def test_other_sets_need_another_folder(out: Path, arguments: list[object]) -> None:
    asked = [each for each in arguments if not str(each).startswith("--set=")]
    done = call(*asked, 1, "--set", "a=case_0", "--set", "b=case_1")
    assert done.exit_code == 1
    assert f"{out}: was begun with another sets" in done.stderr
    assert (out / "atypical.md").is_file()


@pytest.mark.parametrize(
    ("options", "code", "message"),
    [
        ([], 1, "atypical needs two sets"),
        (["--set", "a=case_0"], 1, "atypical needs two sets"),
        (["--set", "a=case_0", "--set", "a=case_1"], 2, "must give a new name"),
        (["--set", "a/b=case_0"], 2, "must be NAME=PATTERN"),
        (["--set", "a=case_0,", "--set", "b=case_1"], 2, "must be NAME=PATTERN"),
        (["--set", "a=case_0", "--set", "b=case_7"], 1, "case_7: must name a case"),
        (["--weights", "resnet34=none"], 1, "--weights is for the paper's"),
        (["--add", "Mine=unet"], 1, "--add is for tables 2 to 4"),
    ],
)
def test_misuse(options: list[str], code: int, message: str, tmp_path: Path) -> None:
    data = write_subtyped(tmp_path / "data", images=2, cases=2)
    out = tmp_path / "out"
    done = call("reproduce", "atypical", data, "--out", out, "--budget", "smoke", *options)
    assert done.exit_code == code
    assert message in done.stderr
    assert not out.exists()  # or a slip of the pen would have spoilt it
