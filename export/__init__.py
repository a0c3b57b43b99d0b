"""From a run to files that other systems take."""
