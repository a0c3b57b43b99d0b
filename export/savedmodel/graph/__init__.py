"""The whole two-stage detector as one TensorFlow graph of core operations."""
