"""Whether a TFLite file runs where it will be used: a LiteRT without TensorFlow's operators."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from ai_edge_litert import schema_py_generated as schema
from ai_edge_litert.interpreter import Interpreter

from mitokeras.errors import ModelError, reason_of
from mitokeras.runners.litert import open_network
from mitokeras.runners.runner import Role
from mitokeras.runners.silence import silent_stderr

LONGEST = 3
"""Images of the longest batch that is tried."""

ROUNDING = 1e-4
"""What an image may differ by, alone and in a batch."""

_BUILTIN = {code: op for op, code in vars(schema.BuiltinOperator).items() if op.isupper()}


@dataclass(frozen=True)
class TfliteFacts:
    """What was found in a TFLite file that runs.

    Attributes:
        ops: Name of each operator of the graph -> how often it occurs.
        undelegated: Those of them that XNNPACK leaves to LiteRT's own kernels.
    """

    ops: dict[str, int]
    undelegated: dict[str, int]


def check(model: bytes, role: Role, name: str) -> TfliteFacts:
    """Check the operators and the signature of a file, load it in LiteRT and run it.

    Some int8 graphs convert well and then cannot be loaded, which only loading shows.

    Args:
        model: Content of the file.
        role: Which of the networks it must be.
        name: Name of the file, for messages.

    Raises:
        ModelError: The file has an operator that is not built into TFLite, or another signature
            than `open_network` asks for, or cannot be loaded or run, or gives no probabilities, or
            others to an image in a batch than alone.
    """
    if not schema.Model.ModelBufferHasIdentifier(model, 0):
        raise ModelError(f"{name}: not a TFLite file")
    ops = Counter(_ops(schema.Model.GetRootAs(model), name))
    with silent_stderr():
        interpreter = open_network(model, role, name)
        shape = (LONGEST, *interpreter.get_input_details()[0]["shape"][1:])
        images = np.random.default_rng(0).integers(0, 256, shape, dtype=np.uint8)
        alone = np.concatenate([_run(model, images[k : k + 1], name) for k in range(LONGEST)])
        together = _run(model, images, name)
    if not np.allclose(alone, together, rtol=0, atol=ROUNDING):
        raise ModelError(
            f"{name}: an image must have the same probability alone and in a batch of {LONGEST}. "
            f"Received: {np.abs(alone - together).max():.2g} apart"
        )
    return TfliteFacts(dict(ops.most_common()), _undelegated(interpreter))


def _ops(model: schema.Model, name: str) -> Iterator[str]:
    """Names of the operators of all subgraphs."""
    names = [_op_name(model.OperatorCodes(i), name) for i in range(model.OperatorCodesLength())]
    for i in range(model.SubgraphsLength()):
        graph = model.Subgraphs(i)
        for k in range(graph.OperatorsLength()):
            yield names[graph.Operators(k).OpcodeIndex()]


def _op_name(code: schema.OperatorCode, name: str) -> str:
    # Codes up to 126 stood in the one field before there was the other.
    number = max(code.BuiltinCode(), code.DeprecatedBuiltinCode())
    if number == schema.BuiltinOperator.CUSTOM or number not in _BUILTIN:
        custom = code.CustomCode()
        raise ModelError(
            f"{name}: every operator must be built into TFLite. "
            f"Received: {custom.decode() if custom else number}"
        )
    return _BUILTIN[number]


def _undelegated(interpreter: Interpreter) -> dict[str, int]:
    """Operators that run outside of delegates, after allocation.

    LiteRT lists a delegate behind the operators that it replaces and keeps those in the list, so
    that the last producer of each tensor is the one that runs.
    """
    nodes = interpreter._get_ops_details()
    producer = {tensor: k for k, node in enumerate(nodes) for tensor in node["outputs"]}
    run: set[int] = set()
    tensors = [output["index"] for output in interpreter.get_output_details()]
    while tensors:
        k = producer.get(tensors.pop())
        if k is not None and k not in run:
            run.add(k)
            tensors.extend(nodes[k]["inputs"])
    names = Counter(nodes[k]["op_name"] for k in run)
    del names["DELEGATE"]
    return dict(names.most_common())


def _run(model: bytes, images: np.ndarray, name: str) -> np.ndarray:
    """Probabilities of a batch, by an interpreter that has run no other length.

    Up to LiteRT 2.3.0 one that is resized after it was allocated may leave a part of a float graph
    between two operators that XNNPACK does not have on the memory of the shorter batch.
    """
    interpreter = Interpreter(model_content=model)
    (image,), (output,) = interpreter.get_input_details(), interpreter.get_output_details()
    try:
        interpreter.resize_tensor_input(image["index"], images.shape, strict=True)
        interpreter.allocate_tensors()
        interpreter.set_tensor(image["index"], images)
        interpreter.invoke()
    except (ValueError, RuntimeError) as error:
        raise ModelError(
            f"{name}: does not run on a batch of {len(images)}: {reason_of(error)}"
        ) from error
    probability: np.ndarray = interpreter.get_tensor(output["index"])
    if probability.shape != (len(images), *output["shape"][1:]):
        raise ModelError(f"{name}: gives {probability.shape} on a batch of {len(images)}")
    # A comparison with NaN is false.
    if not (probability.min() >= 0 and probability.max() <= 1):
        raise ModelError(
            f"{name}: must give probabilities. Received: {probability.min()} to "
            f"{probability.max()} on a batch of {len(images)}"
        )
    return probability
