"""The script that imports a folder of GeoJSON into a project of QuPath."""

from __future__ import annotations

import ast
import re
from pathlib import Path

from mitokeras.annotations.qupath import SCRIPT_FILE, import_script


def test_the_folder_is_a_groovy_string(tmp_path: Path) -> None:
    folder = tmp_path / 'it\'s "a" $b ü 病 🔬'
    name, content = import_script(folder)
    assert name == SCRIPT_FILE
    (literal,) = re.findall(r"new File\(('.*')\)", content.decode("ascii"))
    # In single quotes Groovy and Python escape alike but for pairs of surrogates, and $ is plain.
    text = ast.literal_eval(literal).encode("utf-16", "surrogatepass").decode("utf-16")
    assert text == str(folder.resolve())


def test_brackets_and_quotes_close(tmp_path: Path) -> None:
    code = re.sub(r"//.*|'[^']*'", "", import_script(tmp_path)[1].decode("ascii"))
    for opening, closing in ("{}", "()", "[]"):
        assert code.count(opening) == code.count(closing)
    assert code.count('"') % 2 == 0 and "FOLDER" not in code
