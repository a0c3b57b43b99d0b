"""Detections against labels: matching, rates, thresholds."""
