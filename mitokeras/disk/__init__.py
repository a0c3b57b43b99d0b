"""Files, locks and records on disk."""
