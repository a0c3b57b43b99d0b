from pathlib import Path

import pytest

from mitokeras.errors import ConfigError
from mitokeras.web import page_files as module
from mitokeras.web.page_files import page_files
from tests.web.conftest import FILES


def test_the_page_is_read(page: Path) -> None:
    assert page_files() == FILES


def test_a_changed_or_missing_file_is_refused(page: Path) -> None:
    (page / "page.js").write_bytes(b"2;\n")
    with pytest.raises(ConfigError, match=r"page\.js: is missing or was changed"):
        page_files()
    (page / "page.js").unlink()
    with pytest.raises(ConfigError, match=r"page\.js: is missing or was changed"):
        page_files()


def test_a_copy_without_the_page_says_how_to_build_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "PAGE", tmp_path)
    with pytest.raises(ConfigError, match=r"built without Node\.js.* npm ci && npm run build"):
        page_files()
