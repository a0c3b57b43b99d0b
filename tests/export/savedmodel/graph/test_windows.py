import cv2
import numpy as np
import pytest
import tensorflow as tf

from mitokeras.export.savedmodel.graph.windows import cut, mirrored, over_chunks


@pytest.mark.parametrize("length", [1, 2, 3, 7])
def test_mirrored_as_opencv_borders(length: int) -> None:
    positions = np.arange(-25, 25)
    expected = [cv2.borderInterpolate(int(p), length, cv2.BORDER_REFLECT_101) for p in positions]
    np.testing.assert_array_equal(mirrored(tf.constant(positions, tf.int32), length), expected)


def test_cut_takes_the_named_rows_and_columns() -> None:
    image = np.random.default_rng(0).integers(0, 256, (9, 11, 3), dtype=np.uint8)
    rows, columns = [[2, 3], [8, 0]], [[10, 9], [1, 1]]
    windows = cut(tf.constant(image), tf.constant(rows), tf.constant(columns))
    np.testing.assert_array_equal(windows[0], image[2:4, 10:8:-1])
    np.testing.assert_array_equal(windows[1], image[[8, 0]][:, [1, 1]])


@pytest.mark.parametrize(
    ("count", "sizes"), [(0, []), (1, [1]), (3, [3]), (4, [3, 1]), (9, [3, 3, 3])]
)
def test_no_call_has_more_than_a_chunk(count: int, sizes: list[int]) -> None:
    corners = np.arange(2 * count, dtype=np.int32).reshape(count, 2)

    def size_and_first(part: tf.Tensor) -> tf.Tensor:
        size = tf.fill([tf.shape(part)[0]], tf.cast(tf.shape(part)[0], tf.float32))
        return tf.stack([size, tf.cast(part[:, 0], tf.float32)], axis=1)

    @tf.function(input_signature=[tf.TensorSpec((None, 2), tf.int32)])
    def whole(corners: tf.Tensor) -> tf.Tensor:
        return over_chunks(size_and_first, corners, 3, (2,))

    result = whole(corners).numpy()
    np.testing.assert_array_equal(result[:, 1], corners[:, 0])
    assert result[:, 0].tolist() == [size for size in sizes for _ in range(size)]
