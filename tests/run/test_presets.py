from mitokeras.reproduce.budgets import FULL
from mitokeras.run.presets import FINE_TUNING, PRESETS, fine_tuning, get_preset

OF_ITS_OWN_DATA = {
    "sources": {"there": {"license": "MIT", "incomplete_cases": ["x_*"]}},
    "weights_license": "CC-BY-4.0",
    "test_cases": ["there/a"],
    "validation_cases": ["there/b"],
}


def test_a_fine_tuning_keeps_what_the_weights_know_and_nothing_of_the_data() -> None:
    start = get_preset("paper").updated(
        {"seed": 7, "data": {**OF_ITS_OWN_DATA, "spacing_um_px": 0.5, "test_fraction": 0.4}}
    )
    config = fine_tuning(start)
    assert (config.data.spacing_um_px, config.data.stain) == (0.5, "macenko")
    assert config.data.test_fraction == 0.4
    assert config.data.sources == {}
    assert config.data.weights_license is None
    assert config.data.test_cases == config.data.validation_cases == ()
    assert config.classifier.weights == config.segmenter.weights == "none"
    for one, other in ((config.segmenter, start.segmenter), (config.classifier, start.classifier)):
        assert one.schedule == other.schedule.changed(**FINE_TUNING)
    changes = {"schedule": start.segmenter.schedule, "weights": start.segmenter.weights}
    assert config.segmenter.changed(**changes) == start.segmenter
    assert config.classifier.mining_folds == 2
    changes = {"schedule": start.classifier.schedule, "weights": start.classifier.weights}
    assert config.classifier.changed(**changes, mining_folds=0) == start.classifier
    for name in ("seed", "synthetic", "augment", "detection"):
        assert getattr(config, name) == getattr(start, name)


def test_only_the_papers_fields_go_by_windows() -> None:
    tiling = {name: preset.detection.tiling for name, preset in PRESETS.items()}
    assert tiling == {"quick": "halo", "edge": "halo", "paper": "windows"}
    assert get_preset("paper").detection.tile_px == 2048
    assert FULL.detection == get_preset("paper").detection


def test_fine_tuning_again_is_no_slower() -> None:
    once = fine_tuning(get_preset("edge"))
    assert fine_tuning(once) == once
