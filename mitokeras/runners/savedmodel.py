"""SavedModels, by TensorFlow without Keras."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from mitokeras.errors import MissingExtraError, ModelError, reason_of

if TYPE_CHECKING:
    from mitokeras.runners.runner import Role

GRAPH_FILE = "saved_model.pb"
"""Holds the weights as well, as constants."""

SIGNATURES = {"segmenter": "serving_default", "classifier": "classify", "subtyper": "subtype"}


class SavedModelRunner:
    """Runs one signature of a loaded SavedModel, one that maps `image` to `probability`."""

    def __init__(self, signature: Any) -> None:
        self.side_px: int = signature.structured_input_signature[1]["image"].shape[1]
        self._signature = signature

    def __call__(self, images: np.ndarray) -> np.ndarray:
        return self._signature(image=images)["probability"].numpy()


def load_runner(path: Path, role: Role, threads: int | None) -> SavedModelRunner:
    """Load one network of the version folder that `path`, its graph file, lies in.

    `threads` are TensorFlow's, of the whole process.

    Raises:
        MissingExtraError: TensorFlow is not installed.
        ModelError: The folder is not a SavedModel of this package.
    """
    if path.name != GRAPH_FILE or path.with_suffix(".cpb").exists():
        raise ModelError(
            f"{path}: must be {GRAPH_FILE}, with no .cpb beside it: TensorFlow loads them by name, "
            "and detector.json has the hash of this file alone"
        )
    try:
        import tensorflow  # noqa: F401
    except ImportError as error:
        raise MissingExtraError("tf", f"running {path.name}") from error
    from mitokeras.runners.tensorflow_threads import set_tensorflow_threads

    if threads is not None:
        set_tensorflow_threads(threads)
    try:
        signature = signatures(path.parent)[SIGNATURES[role]]
        captured = signature.captured_inputs
        runner = SavedModelRunner(signature)
    except Exception as error:  # TensorFlow raises what comes on a damaged graph
        raise ModelError(
            f"{path.parent}: not a SavedModel of mitokeras: {reason_of(error)}"
        ) from error
    if captured:
        raise ModelError(
            f"{path.parent}: a model of mitokeras must have its weights in {GRAPH_FILE}, whose "
            f"hash is in detector.json. Received: {len(captured)} elsewhere"
        )
    return runner


def signatures(folder: Path) -> Any:
    """The signatures of a version folder by their name, as functions of tensors."""
    return _load(folder, (folder / GRAPH_FILE).stat().st_mtime_ns)


@lru_cache(maxsize=1)
def _load(folder: Path, changed: int) -> Any:
    """Signatures of a version folder, loaded once for all networks."""
    import tensorflow as tf

    return tf.saved_model.load(str(folder)).signatures
