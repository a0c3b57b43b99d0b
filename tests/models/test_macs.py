import keras
import pytest
from keras import layers

from mitokeras.models.attention import ChannelAttention, SpatialAttention
from mitokeras.models.gru import ChannelGru, SpatialGru
from mitokeras.models.macs import count_macs


def test_counts_by_hand() -> None:
    image = keras.Input((8, 8, 3))
    x = layers.Conv2D(4, 3, strides=2, padding="same")(image)  # 4 * 4 pixels of 3 * 3 * 3 * 4
    x = layers.DepthwiseConv2D(3)(x)  # 2 * 2 pixels of 3 * 3 * 4
    x = layers.BatchNormalization()(x)
    x = layers.Conv2DTranspose(2, 2, strides=2)(x)  # from 2 * 2 pixels, 2 * 2 * 4 * 2
    x = layers.Flatten()(x)
    x = layers.Dense(5)(x)  # 4 * 4 * 2 * 5
    expected = 16 * 108 + 4 * 36 + 4 * 32 + 160
    assert count_macs(keras.Model(image, x)) == expected
    nested = keras.Input((8, 8, 3))
    assert count_macs(keras.Model(nested, keras.Model(image, x)(nested))) == expected


@pytest.mark.parametrize("packing", [1, 2])
def test_gates_count_as_plain_arithmetic(packing: int) -> None:
    e, d = keras.Input((8, 8, 32)), keras.Input((8, 8, 32))
    maps = SpatialAttention(packing)([e, d])  # two maps, 64 pixels of 7 * 7 * 2
    gate = SpatialGru(packing)(maps)  # 64 pixels, six kernels of 3 * 3
    assert count_macs(keras.Model([e, d], gate)) == 2 * 64 * 98 + 64 * 54
    vectors = [ChannelAttention()(x) for x in (e, d)]  # MLP 32-16-32 twice each
    gate = ChannelGru()(vectors)  # six matrices of 32 * 32
    assert count_macs(keras.Model([e, d], gate)) == 2 * 2 * 1024 + 6 * 1024
    windows = [ChannelAttention(window_px=4, cell_px=2)(x) for x in (e, d)]  # 3 x 3 of them
    gate = ChannelGru()(windows)
    assert count_macs(keras.Model([e, d], gate)) == 9 * (2 * 2 * 1024 + 6 * 1024)


def test_unknown_layer_with_a_matrix_is_refused() -> None:
    x = keras.Input((4, 3))
    model = keras.Model(x, layers.LSTM(2, name="memory")(x))
    with pytest.raises(TypeError, match="no rule counts LSTM 'memory'"):
        count_macs(model)
