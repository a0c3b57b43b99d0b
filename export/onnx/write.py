"""Networks as ONNX files."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import onnx
import tensorflow as tf
import tf2onnx.convert

import mitokeras
from mitokeras.detect.spec import DetectorSpec
from mitokeras.export.parity.record import FileFacts
from mitokeras.export.parity.written import Written
from mitokeras.export.trained.frozen import INPUT, OUTPUT, Networks
from mitokeras.export.trained.trained import TrainedRun
from mitokeras.runners.runner import Role

OPSET = 17
"""tf2onnx converts to 18 as well, but then leaves transpositions about the reductions."""

BATCH = "batch"
"""Name of the free axis."""

_PREFIX = "PartitionedCall/"
_NUMBER = re.compile(r"__\d+")


def write(
    trained: TrainedRun, networks: Networks, quantize: str, folder: Path, files: Mapping[Role, str]
) -> Written:
    """Write the networks; there is no quantisation."""
    for role, network in networks.items():
        write_network(network, folder / files[role], properties(trained.spec, role))
    return Written(trained.spec, {files[role]: FileFacts(opset=OPSET) for role in networks})


def properties(spec: DetectorSpec, role: Role) -> dict[str, str]:
    """What a network's file says of its use, for whoever gets it without its `detector.json`.

    Args:
        spec: Spec of the detector.
        role: Which of the networks.

    Returns:
        Values by name as texts; lists and objects as JSON. See `DetectorSpec`.
    """
    shared = {
        "mitokeras_version": mitokeras.__version__,
        "role": role,
        "spacing_um_px": str(spec.spacing_um_px),
        "color_order": spec.color_order,
        "value_range": json.dumps(spec.value_range),
        "stain": json.dumps(spec.stain),
    }
    of_role = {
        "segmenter": ("tile_px", "halo_px", "tiling", "segmenter_threshold", "min_area_px"),
        "classifier": ("crop_px", "classifier_threshold"),
        "subtyper": ("crop_px",),
    }[role]
    own = {name: str(getattr(spec, name)) for name in of_role}
    if role == "subtyper" and spec.subtyping is not None:
        own["subtyper_threshold"] = str(spec.subtyping.threshold)
    return shared | own


def write_network(network: Any, path: Path, properties: dict[str, str]) -> None:
    """Write a network as one ONNX file of built-in operators; equal networks give equal bytes.

    Args:
        network: As `mitokeras.export.trained.frozen.frozen` gives it.
        path: The file. Its input is `image`, its output `probability`, as those of the network;
            the batch axis is free.
        properties: Goes into the file's metadata.
    """

    @tf.function(autograph=False)
    def named(image: tf.Tensor) -> dict[str, tf.Tensor]:
        return {OUTPUT: network(image)[0]}

    pixels = tf.TensorSpec.from_tensor(network.inputs[0], name=INPUT)
    model, _ = tf2onnx.convert.from_function(named, input_signature=[pixels], opset=OPSET)
    _drop_idle_reshapes(model)
    sort(model.graph)
    _rename(model.graph)
    for tensor in (*model.graph.input, *model.graph.output):
        tensor.type.tensor_type.shape.dim[0].dim_param = BATCH
    # tf2onnx also names a domain that no node is of
    del model.opset_import[:]
    model.opset_import.append(onnx.helper.make_opsetid("", OPSET))
    model.graph.name = properties.get("role", "network")
    model.graph.ClearField("doc_string")  # numbered across the process as well
    model.producer_name = "mitokeras"
    model.producer_version = mitokeras.__version__
    model.doc_string = "Mitotic figures in H&E histology. Research software, no medical device."
    onnx.helper.set_model_props(model, properties)
    onnx.checker.check_model(model, full_check=True)
    path.write_bytes(model.SerializeToString(deterministic=True))


def _drop_idle_reshapes(model: onnx.ModelProto) -> None:
    """Remove reshapes to the shape that is there.

    tf2onnx leaves some where it has moved transpositions of one channel, in places that depend
    on the hashes of the process.
    """
    graph = model.graph
    constants = {constant.name: constant for constant in graph.initializer}
    shapes = {
        tensor.name: [axis.dim_value for axis in tensor.type.tensor_type.shape.dim]
        for tensor in onnx.shape_inference.infer_shapes(model, data_prop=True).graph.value_info
    }
    source: dict[str, str] = {}
    for node in list(graph.node):
        node.input[:] = [source.get(name, name) for name in node.input]
        if node.op_type != "Reshape" or node.input[1] not in constants:
            continue
        wanted = onnx.numpy_helper.to_array(constants[node.input[1]]).tolist()
        shape = shapes.get(node.input[0])  # 0 where free
        if shape and wanted == [-1, *shape[1:]] and node.output[0] != OUTPUT:
            source[node.output[0]] = node.input[0]
            graph.node.remove(node)


def sort(graph: onnx.GraphProto) -> None:
    """Put each node after those that it reads, which are followed in the order of its inputs.

    The order of tf2onnx is one of several possible ones, and depends on its numbers in names.
    """
    maker = {name: node for node in graph.node for name in node.output}
    ordered: list[onnx.NodeProto] = []
    done: set[str] = set()
    open_: list[tuple[str, bool]] = [(tensor.name, False) for tensor in graph.output]
    while open_:
        name, inputs_done = open_.pop()
        if name in done or name not in maker:
            continue
        node = maker[name]
        if inputs_done:
            done.update(node.output)
            ordered.append(node)
        else:
            open_.append((name, True))
            open_.extend((read, False) for read in reversed(node.input))
    del graph.node[:]
    graph.node.extend(ordered)


def _rename(graph: onnx.GraphProto) -> None:
    """Give names that equal networks share: tf2onnx numbers its own across the process.

    Nodes keep the name of their layer where tf2onnx has kept it; constants, of which it merges
    equal ones and keeps any of their names, get that of the first node that reads them.
    """
    names = {INPUT: INPUT, OUTPUT: OUTPUT, "": ""}  # an optional input left out is ""
    taken: Counter[str] = Counter()
    for node in graph.node:
        stem = _NUMBER.sub("", node.name.removeprefix(_PREFIX))
        taken[stem] += 1
        node.name = stem if taken[stem] == 1 else f"{stem}__{taken[stem]}"
        for place, name in enumerate(node.input):
            # What no earlier node has made is a constant.
            node.input[place] = names.setdefault(name, f"{node.name}/input_{place}")
        for place, name in enumerate(node.output):
            node.output[place] = names.setdefault(name, f"{node.name}/output_{place}")
    read = [constant for constant in graph.initializer if constant.name in names]
    for constant in read:
        constant.name = names[constant.name]
    del graph.initializer[:]
    graph.initializer.extend(sorted(read, key=lambda constant: constant.name))
