"""A training for each fold of the cases, and one on all of them."""
