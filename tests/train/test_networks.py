import pytest

from mitokeras.errors import ConfigError
from mitokeras.models.attention import ChannelAttention
from mitokeras.run.config import Config
from mitokeras.train.networks import crop_network, patch_network, segmenter_network


@pytest.mark.parametrize("input_px", [64, 160])
def test_the_segmenter_s_window_is_the_training_patch(input_px: int) -> None:
    config = Config().updated({"segmenter": {"model": "edge", "width": 8, "patch_px": 96}})
    model = segmenter_network(config, input_px)
    windows = {
        layer.name[: len("decoder_1")]: (layer.window_px, layer.cell_px)
        for layer in model.layers
        if isinstance(layer, ChannelAttention)
    }
    # image pixels over the stride of the level: 2, 4, 8; a cell has 16 of the image
    assert windows == {"decoder_1": (48, 8), "decoder_2": (24, 4), "decoder_3": (12, 2)}


def test_a_baseline_has_no_window() -> None:
    config = Config().updated({"segmenter": {"model": "unet", "width": 4}})
    assert segmenter_network(config, 64).output_shape == (None, 64, 64, 1)


PAIR = {
    "model": "edge",
    "input_px": 32,
    "crop_px": 48,
    "ensemble": [{"crop_px": 32, "scale": [0.8, 1.2]}, {"crop_px": 48, "scale": [0.6, 1.7]}],
}


@pytest.mark.parametrize("flips", [False, True])
def test_an_ensemble_has_the_weights_of_its_members_in_turn(flips: bool) -> None:
    config = Config().updated({"classifier": {**PAIR, "flips": flips}})
    members = [patch_network(own.classifier) for own in config.members]
    whole = crop_network(config.classifier, 48)
    assert whole.input_shape == (None, 48, 48, 3)
    assert [each.shape for each in whole.get_weights()] == [
        each.shape for own in members for each in own.get_weights()
    ]
    assert patch_network(config.classifier).input_shape == (None, 48, 48, 3)


def test_a_member_is_trained_with_its_own_crops_and_scale() -> None:
    config = Config().updated({"classifier": PAIR, "subtyper": {"crop_px": 40}})
    found = [(own.classifier.crop_px, own.augment.scale) for own in config.members]
    assert found == [(32, (0.8, 1.2)), (48, (0.6, 1.7))]
    assert Config().members == [Config()]


def test_stage_3_may_look_at_the_centre() -> None:
    config = Config().updated({"classifier": PAIR, "subtyper": {"model": "edge", "crop_px": 40}})
    assert crop_network(config.subtyper, 48).input_shape == (None, 48, 48, 3)


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({"classifier": {**PAIR, "crop_px": 40}}, "ensemble must see no more than crop_px"),
        ({"classifier": {**PAIR, "model": "own:network"}}, "ensemble must be empty"),
        ({"subtyper": {"crop_px": 66}}, "no more than classifier.crop_px"),
    ],
)
def test_ensembles_that_cannot_be(changes: dict[str, object], rule: str) -> None:
    with pytest.raises(ConfigError, match=rule):
        Config().updated(changes)
