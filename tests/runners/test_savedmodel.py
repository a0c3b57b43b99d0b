from pathlib import Path

import pytest

from mitokeras.errors import ModelError
from mitokeras.runners.loading import load_runner
from mitokeras.runners.savedmodel import GRAPH_FILE


def test_only_the_graph_that_was_hashed_is_loaded(tmp_path: Path) -> None:
    for name in (GRAPH_FILE, "other.pb"):
        (tmp_path / name).write_bytes(b"graph")
    with pytest.raises(ModelError, match=r"other\.pb: must be saved_model\.pb"):
        load_runner(tmp_path / "other.pb", "segmenter", 32)
    with pytest.raises(ModelError, match="not a SavedModel of mitokeras"):
        load_runner(tmp_path / GRAPH_FILE, "segmenter", 32)
    (tmp_path / "saved_model.cpb").write_bytes(b"graph")
    with pytest.raises(ModelError, match=r"with no \.cpb beside it"):
        load_runner(tmp_path / GRAPH_FILE, "segmenter", 32)


def test_weights_apart_from_the_graph_have_no_hash_and_are_refused(tmp_path: Path) -> None:
    import tensorflow as tf

    module = tf.Module()
    module.weight = tf.Variable(0.5)

    @tf.function(input_signature=[tf.TensorSpec((None, 8, 8, 3), tf.uint8, name="image")])
    def run(image: tf.Tensor) -> dict[str, tf.Tensor]:
        return {"probability": module.weight * tf.cast(image[..., 0], tf.float32) / 255}

    tf.saved_model.save(module, str(tmp_path), signatures={"serving_default": run})
    with pytest.raises(ModelError, match=r"must have its weights in saved_model\.pb.* 1 elsewhere"):
        load_runner(tmp_path / GRAPH_FILE, "segmenter", None)
