"""A reader's verdicts on what was predicted, and what the counts are by them."""
