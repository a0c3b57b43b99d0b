"""Write docs/api.md from the docstrings.

python docs/make_api.py
"""

from __future__ import annotations

import inspect
from importlib import import_module
from pathlib import Path
from typing import Any

PAGE = Path(__file__).with_name("api.md")

PUBLIC = (
    "mitokeras.detector.Detector",
    "mitokeras.data.readers.read_dataset",
    "mitokeras.train.fit.fit",
    "mitokeras.score.fair.evaluate",
    "mitokeras.export.bundle.export_run",
    "mitokeras.models.segmenters.build_segmenter",
    "mitokeras.models.classifiers.build_classifier",
    "mitokeras.models.losses.CrossentropyTversky",
)
"""What is there to be imported by others; all else may move from one version to the next."""

HEAD = """# Python interface

What others may import. Everything else may move from one version to the next. This page is
written from the docstrings (`python docs/make_api.py`), and its examples are run by the tests.
What the commands are is in `mitokeras --help`.
"""


def public(path: str) -> Any:
    module, _, name = path.rpartition(".")
    return getattr(import_module(module), name)


def methods(found: type) -> dict[str, Any]:
    """The documented methods of a class, those of its bases as well."""
    named = ((name, getattr(found, name)) for name in dir(found) if not name.startswith("_"))
    own = ((name, one) for name, one in named if inspect.isroutine(one))
    return {name: one for name, one in own if (one.__module__ or "").startswith("mitokeras")}


def section(path: str) -> str:
    module, _, name = path.rpartition(".")
    found = public(path)
    parts = [f"## {name}", _block(f"from {module} import {name}", "python"), _about(found)]
    if inspect.isclass(found) and found.__name__ == "Detector":
        for method, one in methods(found).items():
            parts += [f"### {name}.{method}", _about(one)]
    return "\n\n".join(parts)


def _about(found: Any) -> str:
    signature = str(inspect.signature(found)).replace("'", "")
    return _block(f"{found.__name__}{signature}\n\n{inspect.getdoc(found)}", "text")


def _block(text: str, language: str) -> str:
    return f"```{language}\n{text}\n```"


def page() -> str:
    return "\n\n".join([HEAD.rstrip(), *map(section, PUBLIC)]) + "\n"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
