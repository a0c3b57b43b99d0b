"""ONNX files, and descriptions of them for model collections."""
