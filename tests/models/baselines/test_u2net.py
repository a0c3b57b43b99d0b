from keras import layers

from mitokeras.models.baselines.u2net import BASELINE, DECODER, ENCODER
from tests.baseline_networks import network, trainable_parameters


def test_parameters_are_the_published_ones_but_for_biases() -> None:
    model = network(BASELINE, 32, BASELINE.width)
    convolutions = [
        layer for layer in model.layers if isinstance(layer, layers.Conv2D) and not layer.use_bias
    ]
    # first, U down, bottom, U up: 2 x height of each block, before a normalisation
    assert len(convolutions) == sum(2 * height for height, _, _ in (*ENCODER, *DECODER))
    biases = sum(layer.filters for layer in convolutions)
    assert trainable_parameters(model) == BASELINE.published_parameters - biases
    assert BASELINE.parameters == trainable_parameters(model) + 2 * biases


def test_table_1() -> None:
    model = network(BASELINE, 32, BASELINE.width)

    def channels(name: str) -> tuple[int, int]:
        return tuple(model.get_layer(f"{name}_{part}_conv").filters for part in ("down_1", "first"))

    encoder = [channels(f"encoder_{level}") for level in range(1, 7)]
    assert encoder == [(32, 64), (32, 128), (64, 256), (128, 512), (256, 512), (256, 512)]
    decoder = [channels(f"decoder_{level}") for level in range(1, 6)]
    assert decoder == [(16, 64), (32, 64), (64, 128), (128, 256), (256, 512)]
    for name in ("encoder_5", "encoder_6", "decoder_5"):
        parts = ("first", "down_1", "down_2", "down_3", "bottom", "up_3", "up_2", "up_1")
        found = [model.get_layer(f"{name}_{part}_conv").dilation_rate[0] for part in parts]
        assert found == [1, 1, 2, 4, 8, 4, 2, 1]
    assert model.get_layer("encoder_1_bottom_conv").dilation_rate == (2, 2)


def test_blocks_go_down_and_up_and_are_added_to_their_first_map() -> None:
    model = network(BASELINE, 64, 8)
    for name, levels, side in (("encoder_1", 6, 64), ("encoder_3", 4, 16), ("decoder_2", 5, 32)):
        sides = [
            model.get_layer(f"{name}_down_{i}_conv").output.shape[1] for i in range(1, levels + 1)
        ]
        assert sides == [side >> i for i in range(levels)]
        added = model.get_layer(f"{name}_add")
        assert {t.name for t in added.input} == {
            model.get_layer(f"{name}_{part}_relu").output.name for part in ("up_1", "first")
        }
    sides = model.get_layer("sides_concat").input
    assert [side.shape for side in sides] == [(None, 64, 64, 1)] * 6
