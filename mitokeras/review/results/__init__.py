"""The corrected results of a slide as files, beside those of the model."""
