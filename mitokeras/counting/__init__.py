"""From figures to the counts that pathologists use."""
