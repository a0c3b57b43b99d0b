"""The output files of a slide."""
