"""The finished run that is exported, and its networks frozen."""
