"""From files on disk to training patches: fields, readers, stain, store, sampling, pipelines."""
