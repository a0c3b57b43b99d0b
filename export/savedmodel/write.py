"""A SavedModel version for TensorFlow Serving, with both stages and the whole detector in it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import tensorflow as tf

from mitokeras.detect.spec import DetectorSpec
from mitokeras.export.parity.record import FileFacts
from mitokeras.export.parity.written import Written
from mitokeras.export.savedmodel.graph.detect import detect_function
from mitokeras.export.savedmodel.warmup import write_warmup
from mitokeras.export.trained.frozen import INPUT, OUTPUT, Networks
from mitokeras.export.trained.trained import TrainedRun
from mitokeras.runners.runner import Role
from mitokeras.runners.savedmodel import GRAPH_FILE

BYTES_INPUT = "image_bytes"


def write(
    trained: TrainedRun, networks: Networks, quantize: str, folder: Path, files: Mapping[Role, str]
) -> Written:
    """Write both networks and the whole detector; there is no quantisation."""
    signatures = tuple(write_savedmodel(trained.spec, networks, folder))
    return Written(trained.spec, {GRAPH_FILE: FileFacts(signatures=signatures)})


def write_savedmodel(spec: DetectorSpec, networks: Mapping[Role, Any], folder: Path) -> list[str]:
    """Write a version folder with its signatures and warm-up records.

    All signatures take RGB pixels, uint8, and rescale them in the graph:

    - `serving_default`: `image` (n, tile, tile, 3), tiles with halo at the model's spacing and
      with its stain policy applied -> `probability` float32 (n, tile, tile).
    - `classify`: `image` (n, crop, crop, 3), crops about candidates of such a field ->
      `probability` float32 (n,).
    - `detect`: `image` (height, width, 3), one field of any size at the model's spacing ->
      `centroid_px` float32 (k, 2) as (x, y), `area_px` int32 (k,), `segmenter_score` and
      `classifier_score` float32 (k,), `accepted` bool (k,). The stain policy is in the graph.
    - `detect_bytes`: the same from `image_bytes`, a scalar string, a PNG or JPEG file.

    Args:
        spec: Sizes, thresholds, stain policy.
        networks: "segmenter" and "classifier", from `frozen`.
        folder: Exists.

    Returns:
        Names of the signatures.
    """
    module = tf.Module()
    module.segmenter = networks["segmenter"]
    module.classifier = networks["classifier"]
    signatures = _signatures(spec, module)
    tf.saved_model.save(module, str(folder), signatures=signatures)
    write_warmup(spec, folder)
    return list(signatures)


def _signatures(spec: DetectorSpec, module: tf.Module) -> dict[str, object]:
    detect = detect_function(
        spec,
        lambda tiles: module.segmenter(tiles)[0],
        lambda crops: module.classifier(crops)[0],
    )

    def pixels(*shape: int | None) -> list[tf.TensorSpec]:
        return [tf.TensorSpec((*shape, 3), tf.uint8, name=INPUT)]

    @tf.function(input_signature=pixels(None, spec.tile_px, spec.tile_px))
    def serving_default(image: tf.Tensor) -> dict[str, tf.Tensor]:
        return {OUTPUT: module.segmenter(image)[0][..., 0]}

    @tf.function(input_signature=pixels(None, spec.crop_px, spec.crop_px))
    def classify(image: tf.Tensor) -> dict[str, tf.Tensor]:
        return {OUTPUT: module.classifier(image)[0][..., 0]}

    @tf.function(input_signature=[tf.TensorSpec((), tf.string, name=BYTES_INPUT)])
    def detect_bytes(image_bytes: tf.Tensor) -> dict[str, tf.Tensor]:
        return detect(decode(image_bytes))

    return {
        "serving_default": serving_default,
        "classify": classify,
        "detect": tf.function(detect, input_signature=pixels(None, None)),
        "detect_bytes": detect_bytes,
    }


def decode(image_bytes: tf.Tensor) -> tf.Tensor:
    """Decode a PNG or JPEG file to RGB, uint8, (height, width, 3).

    The JPEG decoder is set as OpenCV's: exact cosine transform, smooth chroma.
    """
    image = tf.cond(
        tf.io.is_jpeg(image_bytes),
        lambda: tf.io.decode_jpeg(
            image_bytes, channels=3, dct_method="INTEGER_ACCURATE", fancy_upscaling=True
        ),
        lambda: tf.io.decode_png(image_bytes, channels=3),
    )
    return tf.ensure_shape(image, (None, None, 3))
