import keras
import numpy as np

from mitokeras.train.statistics import estimate_statistics


def small() -> keras.Model:
    image = keras.Input((4, 4, 1))
    x = keras.layers.BatchNormalization(momentum=0.9, name="first")(image)
    inner_in = keras.Input((4, 4, 1))
    inner = keras.Model(inner_in, keras.layers.BatchNormalization(name="second")(inner_in))
    return keras.Model(image, inner(x))


def test_moments_are_the_means_over_all_batches() -> None:
    model = small()
    rng = np.random.default_rng(0)
    batches = [rng.normal(5 + shift, 2, (8, 4, 4, 1)).astype("float32") for shift in range(4)]
    before = [weight.numpy() for weight in model.trainable_weights]
    estimate_statistics(model, batches)
    first = model.get_layer("first")
    np.testing.assert_allclose(
        first.moving_mean.numpy(), np.mean([b.mean() for b in batches]), rtol=1e-4
    )
    np.testing.assert_allclose(
        first.moving_variance.numpy(), np.mean([b.var() for b in batches]), rtol=1e-4
    )
    assert first.momentum == 0.9
    for weight, value in zip(model.trainable_weights, before, strict=True):
        np.testing.assert_array_equal(weight.numpy(), value)


def test_layers_of_models_inside_are_not_left_out() -> None:
    model = small()
    estimate_statistics(model, [np.full((2, 4, 4, 1), 7.0, "float32")])
    inner = next(layer for layer in model.layers if isinstance(layer, keras.Model))
    # what comes in is normalised to zero, of a variance of zero
    assert abs(float(inner.get_layer("second").moving_variance.numpy()[0])) < 1e-6
