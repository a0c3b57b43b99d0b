"""What executes a network, one file a format."""
