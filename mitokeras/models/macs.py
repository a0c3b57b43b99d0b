"""Multiply-accumulates of a model, from the shapes of its layers."""

from __future__ import annotations

from collections.abc import Callable
from math import prod
from typing import Any

import keras
from keras import layers

from mitokeras.models.attention import ChannelAttention, SpatialAttention
from mitokeras.models.gru import ChannelGru, SpatialGru


def _pixels(tensor: Any) -> int:
    """Positions of a tensor: all axes but batch and channels."""
    return prod(tensor.shape[1:-1])


def _weights(*kernels: Any) -> int:
    return sum(prod(kernel.shape) for kernel in kernels)


RULES: dict[type[keras.Layer], Callable[[Any], int]] = {
    layers.Conv2D: lambda layer: _pixels(layer.output) * _weights(layer.kernel),
    layers.DepthwiseConv2D: lambda layer: _pixels(layer.output) * _weights(layer.kernel),
    layers.Conv2DTranspose: lambda layer: _pixels(layer.input) * _weights(layer.kernel),
    layers.Dense: lambda layer: _pixels(layer.output) * _weights(layer.kernel),
    # the shared MLP runs on the average and on the maximum of each window
    ChannelAttention: lambda layer: (
        2 * _pixels(layer.output) * _weights(layer.hidden_kernel, layer.kernel)
    ),
    ChannelGru: lambda layer: (
        _pixels(layer.output) * _weights(layer.kernel, layer.recurrent_kernel)
    ),
    SpatialAttention: lambda layer: _pixels(layer.input[0]) * _weights(layer.kernel),
    SpatialGru: lambda layer: (
        _pixels(layer.input) * layer.packing**2 * _weights(layer.kernel, layer.recurrent_kernel)
    ),
}
"""The layers that count; the gates as their plain, unpacked arithmetic."""


def count_macs(model: keras.Model) -> int:
    """Multiply-accumulates of one input.

    Counts ordinary, depthwise and transposed convolutions, dense layers, and the attention and
    gate layers of this package by their plain kernels, whatever the packing. Padding counts as
    if it were image. Not counted: biases, normalisation, activations, pooling, interpolation,
    and sums and products of maps.

    Args:
        model: A functional model with a fixed input size. A layer that is used several times, as
            in a recurrent block, counts each time by the shapes of the first.

    Raises:
        TypeError: A layer holds a matrix and no rule says how often it is used.
    """
    uses = {
        one["config"]["name"]: len(one.get("inbound_nodes", [1]))
        for one in model.get_config()["layers"]
    }
    total = 0
    for layer in model.layers:
        rule = RULES.get(type(layer))
        if rule is not None:
            total += rule(layer) * uses[layer.name]
        elif isinstance(layer, keras.Model):
            total += count_macs(layer) * uses[layer.name]
        elif any(len(weight.shape) > 1 for weight in layer.weights):
            raise TypeError(f"no rule counts {type(layer).__name__} {layer.name!r}")
    return total
