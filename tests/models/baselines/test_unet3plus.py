from keras import layers

from mitokeras.models.baselines.unet3plus import BASELINE
from tests.baseline_networks import network, trainable_parameters


def test_parameters_are_the_published_ones_but_for_biases_and_head() -> None:
    model = network(BASELINE, 32, BASELINE.width)
    # one before each normalisation: two to an encoder level, five and one to a decoder level
    biases = 2 * (64 + 128 + 256 + 512 + 1024) + 4 * (5 * 64 + 320)
    head = (9 - 1) * 320  # theirs is 3x3
    assert trainable_parameters(model) == BASELINE.published_parameters - biases - head
    assert BASELINE.parameters == trainable_parameters(model) + 2 * biases


def test_each_decoder_level_reads_all_levels_at_its_size() -> None:
    model = network(BASELINE, 32, 4)
    for target in range(1, 5):
        scales = model.get_layer(f"decoder_{target}_concat").input
        assert {scale.shape for scale in scales} == {(None, *[32 >> (target - 1)] * 2, 4)}
        assert len(scales) == 5
        for source in range(1, 6):
            name = f"decoder_{target}_from_{source}"
            if source < target:
                first = model.get_layer(f"{name}_pool")
                assert isinstance(first, layers.MaxPooling2D)
            elif source > target:
                first = model.get_layer(f"{name}_up")
                assert first.interpolation == "bilinear"
            else:
                first = model.get_layer(f"{name}_conv")
            decoded = target < source < 5
            origin = f"decoder_{source}" if decoded else f"encoder_{source}_block_b"
            assert first.input is model.get_layer(f"{origin}_relu").output
            assert scales[source - 1] is model.get_layer(f"{name}_relu").output
        assert model.get_layer(f"decoder_{target}_relu").output.shape[-1] == 5 * 4
