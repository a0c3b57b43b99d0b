"""The page of a review, served to this computer alone."""
