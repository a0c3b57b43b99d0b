"""What executes a network: a function from an array of images to an array of probabilities."""
