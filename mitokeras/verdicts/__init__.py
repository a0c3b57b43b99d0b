"""Predicted slides and what their readers have said of them, as it lies on the disk."""
