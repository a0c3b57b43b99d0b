"""TensorFlow Lite, which LiteRT runs."""

from __future__ import annotations

import tempfile
import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np
import tensorflow as tf

from mitokeras.console import silent_stderr
from mitokeras.export.frozen import INPUT, OUTPUT


def convert(network: Any, quantize: str, calibration: Sequence[np.ndarray] = ()) -> bytes:
    """Convert a network.

    Args:
        network: From `frozen`.
        quantize: "none"; "float16": weights of half precision; "dynamic": int8 weights by
            channel, float computation; "int8": int8 weights by channel and activations, with
            uint8 pixels in and a float32 probability out all the same.
        calibration: Inputs for "int8", uint8, each of shape (height, width, 3).

    Returns:
        The file, with the signature `serving_default` from `image` to `probability`.
    """
    module = tf.Module()
    module.network = network
    signature = tf.function(
        lambda image: {OUTPUT: network(image)[0]},
        input_signature=[tf.TensorSpec.from_tensor(network.inputs[0], INPUT)],
    )
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
        tf.saved_model.save(module, folder, signatures=signature)
        converter = tf.lite.TFLiteConverter.from_saved_model(folder)
        _set_quantization(converter, quantize, calibration)
        # The ranges come from the calibration, not from statistics given by hand.
        warnings.filterwarnings("ignore", message="Statistics for quantized inputs were expected")
        with silent_stderr():
            return bytes(converter.convert())


def _set_quantization(
    converter: tf.lite.TFLiteConverter, quantize: str, calibration: Sequence[np.ndarray]
) -> None:
    if quantize == "none":
        return
    converter.optimizations = [tf.lite.Optimize.DEFAULT]
    if quantize == "float16":
        converter.target_spec.supported_types = [tf.float16]
    elif quantize == "int8":
        converter.representative_dataset = lambda: ([image[None]] for image in calibration)
        converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
