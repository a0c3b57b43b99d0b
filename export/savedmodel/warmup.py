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
from mitokeras.runners.savedmodel import SIGNATURES

WARMUP_FILE = Path("assets.extra") / "tf_serving_warmup_requests"


def write_warmup(spec: DetectorSpec, folder: Path) -> None:
    """Write warm-up records for the signatures of the single networks, one request each.

    The graph of `detect` runs the same networks. It has no record of its own, because a
    server with batching cannot run it, and a record that fails keeps the whole version from
    being served.
    """
    side = max(spec.tile_px, spec.crop_px)
    field = draw_field(side, side, seed=0, case=0).image
    grid = TileGrid.over(field, spec.tile_px, spec.halo_px)
    tile = grid.read(field, (spec.halo_px, spec.halo_px))
    crop = field[: spec.crop_px, : spec.crop_px]
    path = folder / WARMUP_FILE
    path.parent.mkdir()
    with tf.io.TFRecordWriter(str(path)) as writer:
        for role in spec.sides:
            image = tile if role == "segmenter" else crop
            writer.write(_record(SIGNATURES[role], image[None]).SerializeToString())


def _record(signature: str, images: np.ndarray) -> prediction_log_pb2.PredictionLog:
    request = predict_pb2.PredictRequest(
        model_spec=model_pb2.ModelSpec(name="mitokeras", signature_name=signature),
        inputs={INPUT: tf.make_tensor_proto(images)},
    )
    return prediction_log_pb2.PredictionLog(
        predict_log=prediction_log_pb2.PredictLog(request=request)
    )
