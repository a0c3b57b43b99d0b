"""`python -m mitokeras` is the `mitokeras` command."""

from mitokeras.cli.main import main

main(prog_name="mitokeras")
