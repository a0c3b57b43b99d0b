"""The command line: one file a command. Nothing here imports TensorFlow before it must."""
