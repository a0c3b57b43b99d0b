"""`mitokeras review`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from mitokeras.cli.serving import serve_until_stopped
from mitokeras.cli.terminal import say
from mitokeras.text import printable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mitokeras.verdicts.finding import Found


@click.command("review")
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@click.option("--reviewer", metavar="NAME", help="Whose verdicts these are. Default: the account.")
@click.option("--slides", type=click.Path(path_type=Path),
              help="Folder of the slides. Default: beside DIR and in folders there.")  # fmt: skip
@click.option("--port", type=click.IntRange(0, 65535), default=0, show_default=True,
              help="Port of the page; 0 is any that is free.")  # fmt: skip
@click.option("--no-browser", is_flag=True, help="Print the address and open no browser.")
@click.option("--write", is_flag=True,
              help="Write the corrected results of the reviewer's slides and end.")  # fmt: skip
def command(
    folder: Path,
    reviewer: str | None,
    slides: Path | None,
    port: int,
    no_browser: bool,
    write: bool,
) -> None:
    """Look at what was predicted, correct it, and count anew.

    DIR is what `predict` or `watch` wrote, of one slide or of many. A page opens that shows one
    candidate after another; it is served to this computer alone, without network. Each verdict is
    on the disk at once, in DIR/SLIDE/review.NAME.jsonl; the corrected counts, report, GeoJSON and
    tables are written to DIR/SLIDE/review.NAME beside the model's own. Ends at Ctrl-C.
    """
    from mitokeras.verdicts.finding import find_predicted
    from mitokeras.verdicts.reviewer import check_is_one, check_reviewer, login_name

    name = login_name() if reviewer is None else check_reviewer(reviewer)
    found = find_predicted(folder, slides)
    for each in found:
        if each.slide is None:
            say(f"Error: {printable(each.trouble)}", error=True)
        else:
            check_is_one(each.slide.folder, name)
            each.slide.journal(name).events()  # damage is said before the browser opens
    if write:
        _write(found, name)
    else:
        _serve(found, name, port, no_browser)


def _serve(found: Sequence[Found], name: str, port: int, no_browser: bool) -> None:
    from mitokeras.review.server.routes import Routes

    begins = f"Reviewing as {name}. The page, for this computer alone; Ctrl-C ends it:"
    ends = "ended; all verdicts are on the disk"
    serve_until_stopped(Routes(found, name), port, no_browser, begins, ends)


def _write(found: Sequence[Found], name: str) -> None:
    from mitokeras.review.results.words import share_text
    from mitokeras.review.server.desk import Desk

    for each in found:
        if each.slide is None or not each.slide.journal(name).events():
            continue
        desk = Desk(each.name, each.slide, name)
        try:
            written = desk.write()
            corrected = desk.corrected()
        finally:
            desk.close()
        figures = corrected.reviewed.figures
        say(f"{printable(each.name)}: {figures} mitotic figures; {share_text(corrected)}")
        say(f"  {printable(written['folder'])}")
    if any(each.slide is None for each in found):
        raise SystemExit(1)
