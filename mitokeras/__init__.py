"""Mitotic figures in H&E histology, found in two stages: a segmenter, then a classifier."""

__version__ = "0.1.0"
