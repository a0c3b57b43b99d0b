"""Shared by all tests."""

from pathlib import Path

import pytest

import mitokeras

ROOT = Path(__file__).parent.parent

# The checkout's mitokeras/ lacks the parts that setup.cfg maps into it when it installs.
mitokeras.__path__.append(str(ROOT))

SHARED_DATA = ROOT.parent / "shared" / "data"


@pytest.fixture
def shared_data() -> Path:
    """Folder of real data sets, which the repository does not hold."""
    if not SHARED_DATA.is_dir():
        pytest.skip(f"needs the real data sets in {SHARED_DATA}")
    return SHARED_DATA
