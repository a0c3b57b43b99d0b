"""The model card as a page of its own."""

from __future__ import annotations

import re

from jinja2 import Environment
from markdown_it import MarkdownIt
from markupsafe import Markup

_HEADER = re.compile(r"\A---\n.*?\n---\n", re.DOTALL)

_PAGE = Environment(autoescape=True).from_string("""\
<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src 'self'; \
style-src 'self'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Model card: {{ name }}</title>
<link rel="icon" href="icon.svg">
<link rel="stylesheet" href="card.css">
</head>
<body>
<p><a href="index.html">Back</a></p>
<main>{{ body }}</main>
</body>
</html>
""")


def card_page(markdown: str, name: str) -> bytes:
    """Lay out a model card; its HTML, if it has any, is shown as text.

    Args:
        markdown: The card; its YAML header is left out.
        name: Name of the model.

    Returns:
        HTML, UTF-8.
    """
    parser = MarkdownIt("commonmark", {"html": False}).enable("table")
    tokens = parser.parse(_HEADER.sub("", markdown.replace("\r\n", "\n")))
    for token in tokens:
        # Cells of numbers; the page's policy takes no style that stands in it.
        if token.attrs.pop("style", None) == "text-align:right":
            token.attrSet("class", "right")
    body = parser.renderer.render(tokens, parser.options, {})
    return _PAGE.render(name=name, body=Markup(body)).encode("utf-8")
