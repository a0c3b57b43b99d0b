"""Requests that TensorFlow Serving plays to a version before it serves it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import tensorflow as tf
from tensorflow_serving.apis import model_pb2, predict_pb2, prediction_log_pb2

from mitokeras.data.synthetic.field import draw_field
from mitokeras.detect.spec import DetectorSpec
from mitokeras.detect.tiling import TileGrid
from mitokeras.export.trained.frozen import INPUT

WARMUP_FILE = Path("assets.extra") / "tf_serving_warmup_requests"


def write_warmup(spec: DetectorSpec, folder: Path) -> None:
    """Write warm-up records for `serving_default` and `classify`, one request each.

    The graph of `detect` runs the same two networks. It has no record of its own, because a
    server with batching cannot run it, and a record that fails keeps the whole version from
    being served.
    """
    side = max(spec.tile_px, spec.crop_px)
    field = draw_field(side, side, seed=0, case=0).image
    grid = TileGrid.over(field, spec.tile_px, spec.halo_px)
    requests = {
        "serving_default": grid.read(field, (spec.halo_px, spec.halo_px)),
        "classify": field[: spec.crop_px, : spec.crop_px],
    }
    path = folder / WARMUP_FILE
    path.parent.mkdir()
    with tf.io.TFRecordWriter(str(path)) as writer:
        for signature, image in requests.items():
            writer.write(_record(signature, image[None]).SerializeToString())


def _record(signature: str, images: np.ndarray) -> prediction_log_pb2.PredictionLog:
    request = predict_pb2.PredictRequest(
        model_spec=model_pb2.ModelSpec(name="mitokeras", signature_name=signature),
        inputs={INPUT: tf.make_tensor_proto(images)},
    )
    return prediction_log_pb2.PredictionLog(
        predict_log=prediction_log_pb2.PredictLog(request=request)
    )
