"""Keras functional models of both stages, on any Keras 3 backend."""

from mitokeras.models.classifiers import CLASSIFIERS, build_classifier
from mitokeras.models.flips import mean_over_flips
from mitokeras.models.macs import count_macs
from mitokeras.models.segmenters import SEGMENTERS, build_segmenter

__all__ = [
    "CLASSIFIERS",
    "SEGMENTERS",
    "build_classifier",
    "build_segmenter",
    "count_macs",
    "mean_over_flips",
]
