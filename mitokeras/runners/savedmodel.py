"""SavedModels, by TensorFlow without Keras."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from mitokeras.candidates import Candidates
from mitokeras.errors import MissingExtraError, ModelError

if TYPE_CHECKING:
    from mitokeras.runners import Role

GRAPH_FILE = "saved_model.pb"
SIGNATURES = {"segmenter": "serving_default", "classifier": "classify"}


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
        signatures = _signatures(path.parent, path.stat().st_mtime_ns)
        return SavedModelRunner(signatures[SIGNATURES[role]])
    except Exception as error:  # TensorFlow raises what comes on a damaged graph
        reason = " ".join(str(error).split()) or repr(error)
        raise ModelError(f"{path.parent}: not a SavedModel of mitokeras: {reason}") from error


@lru_cache(maxsize=1)
def _signatures(folder: Path, changed: int) -> Any:
    """Signatures of a version folder, loaded once for both networks."""
    import tensorflow as tf

    return tf.saved_model.load(str(folder)).signatures


def detect_signature(folder: Path) -> Callable[[np.ndarray], Candidates]:
    """The whole detector of a version folder, from a field at the model's spacing."""
    changed = (folder / "saved_model.pb").stat().st_mtime_ns
    detect = _signatures(folder, changed)["detect"]

    def run(image: np.ndarray) -> Candidates:
        found = {name: value.numpy() for name, value in detect(image=image).items()}
        return Candidates(
            xy=found["centroid_px"].astype(np.float64),
            area_px=found["area_px"].astype(np.int64),
            segmenter_score=found["segmenter_score"],
            classifier_score=found["classifier_score"],
            accepted=found["accepted"],
        )

    return run
