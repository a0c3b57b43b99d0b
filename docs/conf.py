"""The site that Sphinx makes of these pages: `sphinx-build -W docs OUT`. It needs no network."""

import configparser
import re
from pathlib import Path

metadata = configparser.ConfigParser()
metadata.read(Path(__file__).parent.parent / "setup.cfg")

urls = metadata["metadata"]["project_urls"].split("\n")
repository = dict(line.split(" = ") for line in urls if line)["Source"]

project = author = "mitokeras"
project_copyright = metadata["metadata"]["author"]
extensions = ["myst_parser"]
# A page that index.md does not list is built all the same, such as the tables of smoke/.
suppress_warnings = ["toc.not_included"]
myst_heading_anchors = 4
highlight_language = "none"
html_theme = "furo"
html_title = "mitokeras"
html_copy_source = False
html_show_sphinx = False


def link_to_repository(app, name, source):
    """Send links to Markdown outside of this folder, which is no page here, to the repository."""
    source[0] = re.sub(r"\]\(\.\./(?=[^)]+\.md[)#])", f"]({repository}/blob/main/", source[0])


def setup(app):
    app.connect("source-read", link_to_repository)
