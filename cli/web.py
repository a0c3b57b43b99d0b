"""`mitokeras web`."""

from __future__ import annotations

import click

from mitokeras.cli.serving import serve_until_stopped


@click.command("web")
@click.argument("bundle", default="edge")
@click.option("--port", type=click.IntRange(0, 65535), default=0, show_default=True,
              help="Port of the page; 0 is any that is free.")  # fmt: skip
@click.option("--no-browser", is_flag=True, help="Print the address and open no browser.")
def command(bundle: str, port: int, no_browser: bool) -> None:
    """Find and count mitotic figures in a page of the browser.

    BUNDLE is a TFLite bundle or the name of a shipped model; "edge" where none is given. Images and
    slides are dropped on the page and stay on this computer: the networks run in the browser. The
    page is served to this computer alone, without network. To put it on a server for those who may
    install nothing, see mitokeras export --format web. Ends at Ctrl-C.
    """
    from mitokeras.web.routes import SiteRoutes
    from mitokeras.web.site import site_files

    routes = SiteRoutes(site_files(bundle))
    begins = "The page, for this computer alone; Ctrl-C ends it:"
    serve_until_stopped(routes, port, no_browser, begins, "ended")
