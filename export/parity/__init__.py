"""Whether an artefact computes what the Keras models of its run compute."""
