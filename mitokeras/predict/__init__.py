"""Predicting slides: what is asked, the work that it takes, and who does it.

`jobs` is the way of one slide through both stages to its output folder; it hands out steps of
independent tasks. An engine (`engines/`) executes the tasks, here or on a cluster.
"""
