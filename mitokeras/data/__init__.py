"""From a data set on disk to fields: readers, decoding, stain, the store of a run."""
