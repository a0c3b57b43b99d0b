"""A SavedModel version for TensorFlow Serving, with all stages and the whole detector in it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import tensorflow as tf

from mitokeras.detect.spec import DetectorSpec
from mitokeras.export.parity.record import FileFacts
from mitokeras.export.parity.written import Written
from mitokeras.export.savedmodel.decoding import decode
from mitokeras.export.savedmodel.graph.detect import detect_function
from mitokeras.export.savedmodel.warmup import write_warmup
from mitokeras.export.trained.frozen import INPUT, OUTPUT, Networks
from mitokeras.export.trained.trained import TrainedRun
from mitokeras.runners.runner import Role
from mitokeras.runners.savedmodel import GRAPH_FILE, SIGNATURES

BYTES_INPUT = "image_bytes"


def write(
    trained: TrainedRun, networks: Networks, quantize: str, folder: Path, files: Mapping[Role, str]
) -> Written:
    """Write the networks and the whole detector; there is no quantisation."""
    signatures = tuple(write_savedmodel(trained.spec, networks, folder))
    return Written(trained.spec, {GRAPH_FILE: FileFacts(signatures=signatures)})


def write_savedmodel(spec: DetectorSpec, networks: Mapping[Role, Any], folder: Path) -> list[str]:
    """Write a version folder with its signatures and warm-up records.

    All signatures take RGB pixels, uint8, and rescale them in the graph:

    - `serving_default`: `image` (n, tile, tile, 3), tiles with halo at the model's spacing and
      with its stain policy applied -> `probability` float32 (n, tile, tile).
    - `classify`: `image` (n, crop, crop, 3), crops about candidates of such a field ->
      `probability` float32 (n,).
    - `subtype`, with a stage 3: the same about mitotic figures.
    - `detect`: `image` (height, width, 3), one field of any size at the model's spacing ->
      `centroid_px` float32 (k, 2) as (x, y), `area_px` int32 (k,), `segmenter_score` and
      `classifier_score` float32 (k,), `accepted` bool (k,); with a stage 3
      `atypical_score` float32 (k,), NaN where not accepted. The stain policy is in the graph.
    - `detect_bytes`: the same from `image_bytes`, a scalar string, a PNG or JPEG file, see
      `decode`.

    Args:
        spec: Sizes, thresholds, stain policy.
        networks: Those of `spec`, from `frozen`.
        folder: Exists.

    Returns:
        Names of the signatures.
    """
    module = tf.Module()
    for role, network in networks.items():
        setattr(module, role, network)
    signatures = _signatures(spec, module)
    tf.saved_model.save(module, str(folder), signatures=signatures)
    write_warmup(spec, folder)
    return list(signatures)


def _signatures(spec: DetectorSpec, module: tf.Module) -> dict[str, object]:
    def of(role: Role) -> Callable[[tf.Tensor], tf.Tensor]:
        return lambda images: getattr(module, role)(images)[0]

    subtype = of("subtyper") if "subtyper" in spec.sides else None
    detect = detect_function(spec, of("segmenter"), of("classifier"), subtype)

    def pixels(*shape: int | None) -> list[tf.TensorSpec]:
        return [tf.TensorSpec((*shape, 3), tf.uint8, name=INPUT)]

    def network(role: Role) -> tf.types.experimental.PolymorphicFunction:
        side = spec.sides[role]

        def run(image: tf.Tensor) -> dict[str, tf.Tensor]:
            return {OUTPUT: of(role)(image)[..., 0]}

        return tf.function(run, input_signature=pixels(None, side, side))

    @tf.function(input_signature=[tf.TensorSpec((), tf.string, name=BYTES_INPUT)])
    def detect_bytes(image_bytes: tf.Tensor) -> dict[str, tf.Tensor]:
        return detect(decode(image_bytes))

    return {
        **{SIGNATURES[role]: network(role) for role in spec.sides},
        "detect": tf.function(detect, input_signature=pixels(None, None)),
        "detect_bytes": detect_bytes,
    }
