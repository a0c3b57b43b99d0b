import keras
import numpy as np

from mitokeras.models.baselines.deeplabv3plus import BASELINE, RATES, dilated_resnet50, pyramid
from tests.baseline_networks import network, trainable_parameters


def test_parameters_are_the_published_ones() -> None:
    model = network(BASELINE, 32, BASELINE.width)
    assert trainable_parameters(model) == BASELINE.published_parameters


def test_backbone_is_resnet50_at_twice_the_resolution() -> None:
    px = 96
    backbone = dilated_resnet50((px, px, 3), 64)
    assert trainable_parameters(backbone) == 25_557_032 - 2_049_000  # torchvision's less its fc
    assert [shape[1:] for shape in backbone.output_shape] == [(24, 24, 256), (6, 6, 2048)]
    plain = keras.applications.ResNet50(include_top=False, weights=None, input_shape=(px, px, 3))
    for layer in plain.layers:
        if layer.weights:
            ours = backbone.get_layer(layer.name).get_weights()
            # the biases that ours lacks are zero
            layer.set_weights(ours if len(ours) == 4 else [*ours, layer.bias.numpy()])
    image = np.random.default_rng(0).normal(size=(1, px, px, 3)).astype("float32")
    coarse, (_, fine) = plain(image, training=False), backbone(image, training=False)
    np.testing.assert_allclose(fine[:, ::2, ::2], coarse, rtol=1e-3, atol=1e-4 * np.max(coarse))


def test_rates_and_mean_of_the_pyramid() -> None:
    side, centre = 41, 20
    x = keras.Input((side, side, 2))
    model = keras.Model(x, pyramid(x, 4, "p"))
    views = keras.Model(
        x, [model.get_layer(f"p_{name}").output for name in (*_depthwise(), "mean_up")]
    )
    impulse = np.zeros((1, side, side, 2), dtype="float32")
    impulse[0, centre, centre] = 1.0
    *dilated, mean = views(impulse, training=False)
    for rate, view in zip(RATES, dilated, strict=True):
        lit = np.unique(np.argwhere(view.numpy()[0, ..., 0]))
        assert lit.tolist() == [centre - rate, centre, centre + rate]
    kernel = model.get_layer("p_mean_conv").kernel.numpy()[0, 0]
    epsilon = model.get_layer("p_mean_bn").epsilon
    of_mean = np.maximum(kernel.sum(axis=0) / side**2, 0) / np.sqrt(1 + epsilon)
    np.testing.assert_allclose(mean, np.broadcast_to(of_mean, mean.shape), rtol=1e-4)


def _depthwise() -> list[str]:
    return [f"rate_{rate}_depthwise" for rate in RATES]
