"""StarDist 2D for `peers.py`: the Keras tool for nuclei that users have today.

Three channels, rays 32, grid 2 x 2 and the thresholds of its `2D_versatile_he`. With that one's
weights instead of random ones more nuclei would have to be told apart, which takes longer.

    python peer_stardist.py FIELD.npy THREADS
"""

from __future__ import annotations

import sys
import tempfile

import numpy as np
import stardist
import tensorflow as tf
from csbdeep.utils import normalize
from peer_answers import Find, answer
from stardist.models import Config2D, StarDist2D


def load(field: str, threads: int) -> Find:
    tf.config.threading.set_intra_op_parallelism_threads(threads)
    tf.config.threading.set_inter_op_parallelism_threads(threads)
    image = normalize(np.load(field), 1, 99.8, axis=(0, 1))
    with tempfile.TemporaryDirectory() as folder:
        model = StarDist2D(Config2D(n_rays=32, grid=(2, 2), n_channel_in=3), basedir=folder)

    def find() -> int:
        _, found = model.predict_instances(image, prob_thresh=0.692478, nms_thresh=0.3)
        return len(found["points"])

    return find


def main(field: str, threads: str) -> None:
    versions = {"stardist": stardist.__version__, "tensorflow": tf.__version__}
    answer(lambda: load(field, int(threads)), versions)


if __name__ == "__main__":
    main(*sys.argv[1:])
