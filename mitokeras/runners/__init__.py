"""Running a network, one file per format."""
