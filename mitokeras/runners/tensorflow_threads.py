"""The number of threads that TensorFlow computes with, one for the whole process."""

from __future__ import annotations

from mitokeras.errors import ModelError


def set_tensorflow_threads(threads: int) -> None:
    """Limit TensorFlow's threads.

    Raises:
        ModelError: TensorFlow has computed in this process already with another number.
    """
    import tensorflow as tf

    if tf.config.threading.get_intra_op_parallelism_threads() == threads:
        return
    try:
        tf.config.threading.set_intra_op_parallelism_threads(threads)
        tf.config.threading.set_inter_op_parallelism_threads(1)
    except RuntimeError as error:
        raise ModelError(
            "TensorFlow's threads must be set before it computes in a process; load this model "
            f"first, or in a process of its own. Received: threads={threads}"
        ) from error
