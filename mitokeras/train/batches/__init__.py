"""Training batches of both stages."""
