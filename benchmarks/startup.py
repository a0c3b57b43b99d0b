"""How long does each command take to begin?

`--help` of each, and what a command imports before its work, beside a bare Python; each in a
program of its own, in turns.

    python benchmarks/startup.py --out benchmarks/startup.csv
"""

from __future__ import annotations

import subprocess
import sys
from functools import partial
from pathlib import Path

import click
from turns import median_seconds, write_table

from mitokeras.cli.main import main as commands

BARE = "python -c pass"


@click.command()
@click.option("--out", type=click.Path(path_type=Path), required=True, help="CSV file.")
@click.option("--repeats", default=7, show_default=True)
def main(out: Path, repeats: int) -> None:
    names = commands.list_commands(click.Context(commands))
    programs = {BARE: ["-c", "pass"], "mitokeras --help": ["-m", "mitokeras", "--help"]}
    programs |= {f"mitokeras {name} --help": ["-m", "mitokeras", name, "--help"] for name in names}
    tasks = {
        name: partial(
            subprocess.run, [sys.executable, *program], stdout=subprocess.DEVNULL, check=True
        )
        for name, program in programs.items()
    }
    seconds = median_seconds(tasks, repeats)
    rows = [(name, f"{took:.3f}", f"{took / seconds[BARE]:.1f}") for name, took in seconds.items()]
    write_table(out, ("command", "seconds", "times_bare_python"), rows)


if __name__ == "__main__":
    main()
