"""TFLite networks for one image at a time, which runtimes that cannot resize ask for."""

from __future__ import annotations

from ai_edge_litert import schema_py_generated as schema

from mitokeras.runners.litert import open_network
from mitokeras.runners.runner import Role


def with_fixed_batch(model: bytes, role: Role, name: str) -> bytes:
    """Fix the batch axis of a network.

    A TFLite file states two shapes of each tensor: the one that it has, for one image, and the
    signature, where -1 stands for any number. The latter takes the values of the former, in place:
    no other byte changes.

    Args:
        model: Content of the file.
        role: Which of the networks it must be.
        name: Name of the file, for messages.

    Raises:
        ModelError: It is no TFLite network of this package.
    """
    open_network(model, role, name)  # reads the file with all its checks
    content = bytearray(model)
    network = schema.Model.GetRootAs(content)
    for i in range(network.SubgraphsLength()):
        graph = network.Subgraphs(i)
        for j in range(graph.TensorsLength()):
            tensor = graph.Tensors(j)
            if not tensor.ShapeSignatureIsNone():
                tensor.ShapeSignatureAsNumpy()[:] = tensor.ShapeAsNumpy()
    return bytes(content)
