"""All slides of an output folder, a row each: a table and a page."""
