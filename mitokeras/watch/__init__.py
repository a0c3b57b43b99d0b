"""Handling each slide of a scanner's output folder exactly once, as they come."""
