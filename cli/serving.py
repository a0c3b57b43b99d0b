"""A page that a command serves to this computer alone, until Ctrl-C."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mitokeras.cli.terminal import say

if TYPE_CHECKING:
    from mitokeras.local_server.serve import Routes


def serve_until_stopped(
    routes: Routes, port: int, no_browser: bool, begins: str, ends: str
) -> None:
    """Say the address, open it in a browser unless asked not to, and serve.

    Args:
        routes: What is served.
        port: Port of the page; 0 is any that is free.
        no_browser: Only say the address.
        begins: Said before the address.
        ends: Said after Ctrl-C.
    """
    import webbrowser

    from mitokeras.local_server.serve import serving

    with serving(routes, port) as server:
        say(begins)
        say(server.address)
        if not no_browser:
            webbrowser.open(server.address)
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            say(ends)
