"""The model card as a page of its own."""

from __future__ import annotations

import re

from jinja2 import Environment
from markdown_it import MarkdownIt

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
    from markupsafe import Markup

    parser = MarkdownIt("commonmark", {"html": False}).enable("table")
    body = parser.render(_HEADER.sub("", markdown.replace("\r\n", "\n")))
    return _PAGE.render(name=name, body=Markup(body)).encode("utf-8")
