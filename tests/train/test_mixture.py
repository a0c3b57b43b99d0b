from pathlib import Path

import cv2
import numpy as np
import pytest

from mitokeras.data.store import Store
from mitokeras.detect.learned import Learned
from mitokeras.errors import ConfigError, DataError
from mitokeras.run.folder import RunFolder
from mitokeras.run.presets import QUICK
from mitokeras.run.record import RunSettings
from mitokeras.train.mixture import read_mixture
from mitokeras.train.prepare import prepare_store, split_store, split_store_to_tune


def write_set(folder: Path, names: tuple[str, ...], seed: int) -> Path:
    """Noise images with a mitosis each; the case is the name before the number."""
    (folder / "images").mkdir(parents=True)
    rng = np.random.default_rng(seed)
    rows = ["image,x,y,label"]
    for name in names:
        image = rng.integers(0, 256, (128, 128, 3), dtype=np.uint8)
        cv2.imwrite(str(folder / "images" / f"{name}.png"), image)
        rows.append(f"{name}.png,64,64,mitosis")
    (folder / "labels.csv").write_text("\n".join(rows))
    return folder


def run_on(folder: Path, sources: dict, *data: Path) -> RunFolder:
    config = QUICK.updated(
        {
            "data": {"sources": sources},
            "synthetic": {"fields": 3, "field_px": 128, "cases": 3},
        }
    )
    settings = RunSettings(data=tuple(map(str, data)), preset="quick", config=config)
    return RunFolder.begin(folder, settings)


def test_cases_belong_to_their_data_set_and_copies_are_left_out(tmp_path: Path) -> None:
    one = write_set(tmp_path / "one", ("P1_1", "P2_1", "P3_1"), seed=1)
    two = write_set(tmp_path / "two", ("P1_1", "P2_1", "P3_1"), seed=2)
    copied = (two / "images" / "P2_1.png").read_bytes()
    (two / "images" / "P3_1.png").write_bytes(copied)
    run = run_on(tmp_path / "run", {"one": {}, "two": {"complete": False}}, one, two)
    fields, notes = read_mixture(run)
    assert [(f.source, f.case, f.complete) for f in fields] == [
        ("one", "one/P1", True),
        ("one", "one/P2", True),
        ("one", "one/P3", True),
        ("two", "two/P1", False),
        ("two", "two/P2", False),
    ]
    assert "two: 1 of 3 images are copies of others and are left out" in notes


def test_drawn_fields_can_be_one_of_the_data_sets(tmp_path: Path) -> None:
    one = write_set(tmp_path / "one", ("P1_1", "P2_1"), seed=1)
    fields, _ = read_mixture(run_on(tmp_path / "run", {"one": {}, "synthetic": {}}, one))
    assert [field.source for field in fields] == ["one"] * 2 + ["synthetic"] * 3


def test_the_names_must_be_those_of_the_folders(tmp_path: Path) -> None:
    one = write_set(tmp_path / "one", ("P1_1",), seed=1)
    with pytest.raises(ConfigError, match=r"must name the data sets one. Received: other"):
        read_mixture(run_on(tmp_path / "a", {"other": {}}, one))
    with pytest.raises(ConfigError, match="must have different names"):
        read_mixture(run_on(tmp_path / "b", {}, one, tmp_path / "elsewhere" / "one"))


def test_each_data_set_has_a_part_in_every_split(tmp_path: Path) -> None:
    cases = tuple(f"P{number}_1" for number in range(6))
    one = write_set(tmp_path / "one", cases, seed=1)
    two = write_set(tmp_path / "two", cases, seed=2)
    run = run_on(tmp_path / "run", {"one": {}, "two": {"complete": False}}, one, two)
    notes = prepare_store(run)
    with Store(run.store_file) as store:
        data = split_store(store, run.settings.config, notes)
        for split in ("train", "validation", "test"):
            assert {field.source for field in data.of(split)} == {"one", "two"}
            assert {field.source for field in data.complete(split)} == {"one"}


def test_a_data_set_with_all_labels_is_needed(tmp_path: Path) -> None:
    one = write_set(tmp_path / "one", ("P1_1", "P2_1", "P3_1"), seed=1)
    run = run_on(tmp_path / "run", {"one": {"complete": False}}, one)
    notes = prepare_store(run)
    with Store(run.store_file) as store, pytest.raises(DataError, match="all labelled"):
        split_store(store, run.settings.config, notes)


@pytest.mark.parametrize("split", ["validation", "test"])
def test_a_figure_that_is_scored_is_needed(tmp_path: Path, split: str) -> None:
    """That of a field which is not completely labelled chooses no threshold and tests nothing."""
    one = write_set(tmp_path / "one", ("P1_1", "P2_1", "P3_1", "lost_1", "clean_1"), seed=1)
    labels = one / "labels.csv"
    labels.write_text(labels.read_text().replace("\nclean_1.png,64,64,mitosis", ""))
    run = run_on(tmp_path / "run", {"one": {"incomplete_cases": ["lost"]}}, one)
    held = {"validation": "validation_cases", "test": "test_cases"}
    other = {"validation": "test_cases", "test": "validation_cases"}
    cases = {held[split]: ("one/lost", "one/clean"), other[split]: ("one/P1",)}
    config = run.settings.config.updated({"data": cases})
    notes = prepare_store(run)
    refused = pytest.raises(DataError, match=f"the {split} fields must have .* that is scored")
    with Store(run.store_file) as store, refused:
        split_store(store, config, notes)
    if split == "validation":
        with Store(run.store_file) as store, refused:
            split_store_to_tune(store, config, notes, Learned())


def test_a_folder_must_not_take_the_name_of_the_drawn_fields(tmp_path: Path) -> None:
    own = write_set(tmp_path / "synthetic", ("P1_1", "P2_1"), seed=1)
    with pytest.raises(ConfigError, match="must not be named synthetic"):
        read_mixture(run_on(tmp_path / "run", {"synthetic": {}}, own))


def test_drawn_fields_among_others_only_train(tmp_path: Path) -> None:
    one = write_set(tmp_path / "one", tuple(f"P{n}_1" for n in range(6)), seed=1)
    run = run_on(tmp_path / "run", {"one": {}, "synthetic": {}}, one)
    notes = prepare_store(run)
    with Store(run.store_file) as store:
        data = split_store(store, run.settings.config, notes)
        drawn = [i for i, field in enumerate(store.fields) if field.source == "synthetic"]
        assert {data.splits[index] for index in drawn} == {"train"}


def test_some_cases_of_a_complete_data_set_may_not_be(tmp_path: Path) -> None:
    one = write_set(tmp_path / "one", ("P1_1", "lost_a_1", "lost_b_1"), seed=1)
    run = run_on(tmp_path / "run", {"one": {"incomplete_cases": ["lost_*"]}}, one)
    fields, _ = read_mixture(run)
    assert {field.case: field.complete for field in fields} == {
        "one/P1": True,
        "one/lost_a": False,
        "one/lost_b": False,
    }


def crop_of_first(one: Path, two: Path) -> None:
    """P2 of the second set shows what lies 30 px right and 20 px down in P1 of the first."""
    slide = cv2.GaussianBlur(
        np.random.default_rng(9).integers(0, 256, (160, 160, 3), dtype=np.uint8), (0, 0), 2
    )
    slide = cv2.normalize(slide, None, 0, 255, cv2.NORM_MINMAX)
    cv2.imwrite(str(one / "images" / "P1_1.png"), slide[:128, :128])
    cv2.imwrite(str(two / "images" / "P2_1.png"), slide[20:148, 30:158])


def test_fields_of_the_same_tissue_come_to_one_case_and_split(tmp_path: Path) -> None:
    cases = tuple(f"P{number}_1" for number in range(1, 6))
    one = write_set(tmp_path / "one", cases, seed=1)
    two = write_set(tmp_path / "two", cases, seed=2)
    crop_of_first(one, two)
    run = run_on(tmp_path / "run", {"one": {}, "two": {"complete": False}}, one, two)
    fields, notes = read_mixture(run)
    first, second = fields[0], fields[6]
    assert (first.case, second.case) == ("one/P1", "one/P1")
    assert first.tissue == second.tissue != ""
    # (64, 64) of the first is (34, 44) there, and the second does not label all of its figures.
    assert [(mark.x, mark.y) for mark in second.figures] == [(64, 64), (34, 44)]
    assert len(first.figures) == 1
    assert second.repeats == ((-0.5, -0.5, 97.5, 107.5),)
    assert "case one/P1 holds two/P2 as well, as their fields show the same tissue" in notes
    prepare_store(run)
    with Store(run.store_file) as store:
        splits = split_store(store, run.settings.config, notes).splits
        assert splits[0] == splits[6]
