"""The page of the Python interface says what the docstrings say, and its examples run."""

import inspect
import runpy
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT

MAKER = runpy.run_path(str(ROOT / "docs" / "make_api.py"))

RUN_EXAMPLES = f"""
import doctest, sys
sys.path.insert(0, {str(ROOT)!r})
import mitokeras; mitokeras.__path__.append({str(ROOT)!r})
from importlib import import_module
failed = 0
for path in {MAKER["PUBLIC"]!r}:
    module = import_module(path.rpartition(".")[0])
    found = getattr(module, path.rpartition(".")[2])
    for test in doctest.DocTestFinder(recurse=False).find(found, globs=dict(vars(module))):
        print(path, len(test.examples))
        assert test.examples
        failed += doctest.DocTestRunner().run(test).failed
sys.exit(failed)
"""


def test_the_page_is_that_of_the_docstrings() -> None:
    assert MAKER["PAGE"].read_text(encoding="utf-8") == MAKER["page"](), (
        "python docs/make_api.py writes it anew"
    )


@pytest.mark.parametrize("path", MAKER["PUBLIC"])
def test_what_is_public_has_an_example(path: str) -> None:
    found = MAKER["public"](path)
    assert found.__module__ == path.rpartition(".")[0]
    assert "Example:" in (inspect.getdoc(found) or "")


@pytest.mark.slow
def test_the_examples_run(tmp_path: Path) -> None:
    """In a process of their own, as `fit` sets up TensorFlow for the whole of it."""
    done = subprocess.run(
        [sys.executable, "-c", RUN_EXAMPLES], cwd=tmp_path, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr
