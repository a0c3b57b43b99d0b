"""A page of a program of ours, served to this computer alone."""
