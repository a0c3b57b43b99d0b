"""Keras functional models of both stages, on any Keras 3 backend."""
