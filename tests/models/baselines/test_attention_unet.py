import keras
import numpy as np
import pytest

from mitokeras.models.baselines.attention_unet import BASELINE, attention_gate
from tests.baseline_networks import network, trainable_parameters


def test_parameters_are_the_published_ones_but_for_biases() -> None:
    model = network(BASELINE, 32, BASELINE.width)
    levels = 64 + 128 + 256 + 512
    # one before each normalisation: two to a level, one to an up-sampling, and to a gate two of
    # half the channels and one of psi's single channel
    biases = 2 * (levels + 1024) + 2 * levels + levels + levels + 4
    assert trainable_parameters(model) == BASELINE.published_parameters - biases
    assert BASELINE.parameters == trainable_parameters(model) + 2 * biases


@pytest.fixture
def gate() -> keras.Model:
    """A gate of two channels whose normalisations leave all as it is."""
    encoded, decoded = keras.Input((1, 3, 2)), keras.Input((1, 3, 2))
    model = keras.Model([encoded, decoded], attention_gate(encoded, decoded, "gate"))
    for part in ("encoder", "decoder", "psi"):
        model.get_layer(f"gate_{part}_bn").epsilon = 0.0
    return model


def test_gate_by_hand(gate: keras.Model) -> None:
    gate.get_layer("gate_encoder_conv").set_weights([np.reshape([1.0, 0.0], (1, 1, 2, 1))])
    gate.get_layer("gate_decoder_conv").set_weights([np.reshape([0.0, 2.0], (1, 1, 2, 1))])
    gate.get_layer("gate_psi_conv").set_weights([np.reshape([np.log(3.0)], (1, 1, 1, 1))])
    encoded = np.array([[1, 8], [-1, 8], [-2, 8]], dtype="float32").reshape(1, 1, 3, 2)
    decoded = np.array([[9, 0], [9, 1], [9, 1]], dtype="float32").reshape(1, 1, 3, 2)
    # ReLU(E[0] + 2 D[1]) is 1, 1, 0, and sigmoid(log 3) is 3/4
    expected = encoded * np.array([0.75, 0.75, 0.5]).reshape(1, 1, 3, 1)
    np.testing.assert_allclose(gate([encoded, decoded]), expected, rtol=1e-6)


@pytest.mark.parametrize(("bias", "passes"), [(-100.0, 0.0), (100.0, 1.0)])
def test_gate_shuts_and_opens_the_skip(gate: keras.Model, bias: float, passes: float) -> None:
    gate.get_layer("gate_psi_bn").beta.assign([bias])
    encoded, decoded = np.random.default_rng(0).normal(size=(2, 4, 1, 3, 2)).astype("float32")
    np.testing.assert_allclose(gate([encoded, decoded]), passes * encoded, atol=1e-6)


def test_every_skip_is_gated_by_the_map_that_comes_up() -> None:
    model = network(BASELINE, 32, 4)
    for level in range(1, 5):
        skip, up = model.get_layer(f"decoder_{level}_concat").input
        assert skip is model.get_layer(f"decoder_{level}_skip_product").output
        assert model.get_layer(f"decoder_{level}_skip_decoder_conv").input is up
        encoded = model.get_layer(f"encoder_{level}_block_b_relu").output
        assert model.get_layer(f"decoder_{level}_skip_encoder_conv").input is encoded
