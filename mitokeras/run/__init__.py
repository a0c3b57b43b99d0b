"""A training run on disk: what was asked for, and what it learned from."""
