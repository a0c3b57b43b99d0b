"""Who executes the tasks: this process, or the workers of a Ray cluster."""
