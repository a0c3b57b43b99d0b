import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mitokeras.errors import ConfigError
from mitokeras.run.config import Config, read_config
from mitokeras.run.presets import PRESETS, get_preset


@pytest.mark.parametrize("name", PRESETS)
def test_presets_round_trip_through_json(name: str) -> None:
    preset = get_preset(name)
    assert Config().updated(json.loads(json.dumps(preset.to_json()))) == preset


def test_unknown_preset_names_the_known_ones() -> None:
    with pytest.raises(ConfigError, match="quick, edge, paper"):
        get_preset("large")


def test_changes_are_laid_over_and_the_rest_stays() -> None:
    base = get_preset("paper")
    config = base.updated({"seed": 3, "segmenter": {"schedule": {"epochs": 2}}})
    assert config.seed == 3
    assert config.segmenter.schedule.epochs == 2
    assert config.segmenter.schedule.learning_rate == base.segmenter.schedule.learning_rate
    assert config.data == base.data


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"segmenter": {"epochs": 2}}, "unknown key 'segmenter.epochs'. Known: model, width"),
        ({"sed": 1}, "unknown key 'sed'. Known: seed"),
        ({"seed": -1}, "'seed'"),
        ({"seed": "1"}, "'seed'"),
        ({"seed": True}, "'seed'"),
        ({"seed": 2**32}, "'seed'"),
        ({"segmenter": 3}, "'segmenter'"),
        ({"segmenter": {"patch_px": 250}}, "multiple of 8"),
        ({"segmenter": {"overlap_px": 256}}, "overlap_px must be less than patch_px"),
        ({"detection": {"halo_px": 300}}, "less than half of tile_px"),
        ({"detection": {"protocol": "icpr"}}, "icpr2012-5um"),
        ({"data": {"test_fraction": 0}}, "data.test_fraction"),
        ({"data": {"spacing_um_px": float("nan")}}, "data.spacing_um_px"),
        ({"data": {"test_cases": ["\ud800"]}}, "data.test_cases.0"),
        ({"detection": {"protocol": "\ud800"}}, "detection.protocol"),
        ({"augment": {"scale": [1.2, 0.8]}}, "from low to high"),
        ({"classifier": {"mix": {"figure": 0}}}, "classifier.mix.figure"),
    ],
)
def test_bad_values_are_refused_in_one_line(changes, message: str) -> None:
    with pytest.raises(ConfigError) as error:
        Config().updated(changes)
    assert message in str(error.value)
    assert "\n" not in str(error.value)


@given(st.dictionaries(st.text(), st.none() | st.integers() | st.text() | st.lists(st.floats())))
def test_whatever_comes_is_taken_or_refused_in_words(changes) -> None:
    try:
        Config().updated(changes)
    except ConfigError as error:
        assert str(error)


def test_file_errors_name_the_file(tmp_path) -> None:
    path = tmp_path / "my.json"
    path.write_text("{")
    with pytest.raises(ConfigError, match=r"my\.json: not a JSON file"):
        read_config(path, Config())
    path.write_text("[1]")
    with pytest.raises(ConfigError, match=r"my\.json: must hold a JSON object"):
        read_config(path, Config())
    path.write_text('{"sed": 1}')
    with pytest.raises(ConfigError, match=r"my\.json: unknown key 'sed'"):
        read_config(path, Config())
    path.write_text('{"seed": 5}')
    assert read_config(path, Config()).seed == 5


def test_a_file_of_brackets_is_refused(tmp_path) -> None:
    (tmp_path / "c.json").write_text("[" * 100_000)
    with pytest.raises(ConfigError, match=r"c\.json: not a JSON file"):
        read_config(tmp_path / "c.json", Config())
