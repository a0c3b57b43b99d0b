import re
from importlib import metadata

import pytest

from mitokeras.cli.installation import LIGHT, packages

REQUIRES = [
    "numpy>=1.26",
    "Some.Thing-2>=1; python_version < '4'",
    'tensorflow>=2.18; extra == "tf"',
    'missing-package>=1; extra == "tf"',
    'mitokeras[onnx]; extra == "tf"',
    "onnxruntime>=1.18; extra == 'onnx'",
    'pytest>=8.0; extra == "dev"',
]


def test_versions_by_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    there = {"numpy": "2.0", "tensorflow": "2.21"}

    def version(name: str) -> str:
        if name not in there:
            raise metadata.PackageNotFoundError(name)
        return there[name]

    monkeypatch.setattr(metadata, "requires", lambda name: REQUIRES)
    monkeypatch.setattr(metadata, "version", version)
    assert packages() == {
        LIGHT: {"numpy": "2.0", "Some.Thing-2": None},
        "tf": {"tensorflow": "2.21", "missing-package": None},
        "onnx": {"onnxruntime": None},
    }


def test_of_this_environment() -> None:
    found = packages()
    assert set(found) == {LIGHT, "tf", "onnx", "dicom", "ray"}
    assert found[LIGHT]["numpy"] == metadata.version("numpy")
    assert all(re.fullmatch(r"[A-Za-z][\w.-]*", name) for group in found.values() for name in group)
