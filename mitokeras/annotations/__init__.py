"""What was found on slides, as the annotations of other programs."""
