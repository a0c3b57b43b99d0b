"""ONNX files, by ONNX Runtime."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from mitokeras.errors import MissingExtraError, ModelError, reason_of

if TYPE_CHECKING:
    from mitokeras.runners.runner import Role

INPUT = "image"
OUTPUT = "probability"


class OnnxRunner:
    """Runs a network on batches of any length.

    Args:
        session: Session of ONNX Runtime, with a network of this package.
    """

    def __init__(self, session: Any) -> None:
        self.side_px: int = session.get_inputs()[0].shape[1]
        self._session = session

    def __call__(self, images: np.ndarray) -> np.ndarray:
        (probability,) = self._session.run([OUTPUT], {INPUT: images})
        return probability[..., 0]


def load_runner(path: Path, role: Role, threads: int | None) -> OnnxRunner:
    """Load a `.onnx` file.

    Raises:
        MissingExtraError: ONNX Runtime is not installed.
        ModelError: The file cannot be read, or is not a network of this package.
    """
    try:
        import onnxruntime
    except ImportError as error:
        raise MissingExtraError("onnx", f"running {path.name}") from error

    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3  # errors; they are raised as well
    if threads is not None:
        options.intra_op_num_threads = threads
    try:
        # From bytes, ONNX Runtime takes no weights from other files, which have no hash.
        session = onnxruntime.InferenceSession(
            path.read_bytes(), options, providers=["CPUExecutionProvider"]
        )
        _check(session, role, path)  # names that are no text fail only here
    except ModelError:
        raise
    except Exception as error:  # those of ONNX Runtime have no other base
        raise ModelError(
            f"{path}: not an ONNX network that ONNX Runtime runs: {reason_of(error)}"
        ) from error
    return OnnxRunner(session)


def _check(session: Any, role: Role, path: Path) -> None:
    inputs, outputs = session.get_inputs(), session.get_outputs()
    sides = [side for x in inputs for side in x.shape[1:2] if isinstance(side, int)]
    side = sides[0] if sides else "side"
    output = f"[n, {side}, {side}, 1]" if role == "segmenter" else "[n, 1]"
    wanted = f"{INPUT} tensor(uint8) [n, {side}, {side}, 3] -> {OUTPUT} tensor(float) {output}"
    found = f"{_signature(inputs)} -> {_signature(outputs)}"
    if found != wanted:
        raise ModelError(f"{path}: a {role} must map {wanted}. Received: {found}")


def _signature(tensors: list[Any]) -> str:
    """Name, type and shape of each, free axes written as n."""
    shapes = [", ".join(str(d) if isinstance(d, int) else "n" for d in x.shape) for x in tensors]
    return ", ".join(
        f"{x.name} {x.type} [{shape}]" for x, shape in zip(tensors, shapes, strict=True)
    )
