import json
from pathlib import Path

import pytest

from mitokeras.crossvalidation.crossvalidate import crossvalidate
from mitokeras.crossvalidation.workspace import Settings, Workspace
from mitokeras.disk.records import parse
from mitokeras.errors import ConfigError, DataError, MitokerasError
from mitokeras.run.presets import QUICK
from mitokeras.run.record import RunSettings
from tests.train.test_mixture import write_set

CASES = ("P1_1", "P2_1")


def settings(*data: Path, **changes: object) -> Settings:
    drawn = {"fields": 1, "field_px": 128, "cases": 1}
    config = QUICK.updated({"synthetic": drawn, **changes})
    return Settings(folds=2, run=RunSettings(data=data_of(data), preset="quick", config=config))


def data_of(folders: tuple[Path, ...]) -> tuple[str, ...]:
    return tuple(map(str, folders))


def test_a_workspace_goes_on_with_the_same_settings_only(tmp_path: Path) -> None:
    own = settings(tmp_path / "a")
    Workspace.begin(tmp_path / "cv", own)
    assert Workspace.begin(tmp_path / "cv", own).settings == own
    with pytest.raises(ConfigError, match="begun with another data; choose another --out"):
        Workspace.begin(tmp_path / "cv", settings(tmp_path / "b"))
    (tmp_path / "used").mkdir()
    (tmp_path / "used" / "thesis.txt").write_text("mine")
    with pytest.raises(ConfigError, match="must be new, empty, or of an earlier call"):
        Workspace.begin(tmp_path / "used", own)


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        (
            {"data": {"sources": {"one": {"complete": False}, "synthetic": {}}}},
            "must have a data set whose mitotic figures are all labelled",
        ),
        ({"data": {"test_cases": ["one/P1"]}}, "test_cases and .* must be empty"),
        ({"data": {"sources": {"other": {}}}}, "must name the data sets one"),
        ({"segmenter": {"model": "large"}}, "large"),
    ],
)
def test_what_cannot_be_done_leaves_nothing_behind(
    tmp_path: Path, changes: dict, rule: str
) -> None:
    one = write_set(tmp_path / "one", CASES, seed=1)
    workspace = Workspace.begin(tmp_path / "cv", settings(one, **changes))
    with pytest.raises(MitokerasError, match=rule):
        crossvalidate(workspace)
    assert not (tmp_path / "cv").exists()


def test_too_few_cases_are_said_before_anything_is_stored(tmp_path: Path) -> None:
    one = write_set(tmp_path / "one", CASES[:1], seed=1)
    workspace = Workspace.begin(tmp_path / "cv", settings(one))
    with pytest.raises(DataError, match=r"for each of 2 folds\. Received: 1"):
        crossvalidate(workspace)
    assert not (tmp_path / "cv").exists()


def test_figures_of_completely_labelled_fields_are_needed(tmp_path: Path) -> None:
    one = write_set(tmp_path / "one", (*CASES, "clean_1"), seed=1)
    labels = one / "labels.csv"
    labels.write_text(labels.read_text().replace("\nclean_1.png,64,64,mitosis", ""))
    sources = {"sources": {"one": {"incomplete_cases": ["P*"]}}}
    workspace = Workspace.begin(tmp_path / "cv", settings(one, data=sources))
    with pytest.raises(DataError, match="and hold a figure of it out"):
        crossvalidate(workspace)


def test_the_file_gives_back_what_folds_hold_out() -> None:
    patterns = (("a/x_*", "b/*"), ("a/y",))
    asked = Settings(folds=2, hold_out=patterns, run=RunSettings(preset="quick", config=QUICK))
    back = parse(Settings, json.loads(json.dumps(asked.to_json())))
    assert back == asked
    assert back.method.startswith("a/x_*, b/*; a/y were held out in turn. ")
