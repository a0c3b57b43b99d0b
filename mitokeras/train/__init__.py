"""Training both stages."""
