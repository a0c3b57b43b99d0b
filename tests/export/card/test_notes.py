from pathlib import Path

import pytest

from mitokeras.errors import ConfigError
from mitokeras.export.card.notes import read_card_notes
from tests.export.card.test_card import changed

TEXT = """## Known failures

![Ink](failures/ink.jpg) and ![again](failures/ink.jpg "a title")

## Stains seen
Many.
"""


@pytest.fixture
def notes(tmp_path: Path) -> Path:
    folder = tmp_path / "notes"
    (folder / "failures").mkdir(parents=True)
    (folder / "failures" / "ink.jpg").write_bytes(b"ink")
    (folder / "other.jpg").write_bytes(b"not shown")
    (folder / "edge.md").write_text(TEXT)
    return folder / "edge.md"


def test_text_goes_into_the_card_and_pictures_beside_it(notes: Path, tmp_path: Path) -> None:
    read = read_card_notes(notes)
    card = changed(notes=read.text, files=[("failures/ink.jpg", 3, "a" * 64)])
    assert card.index("## Intended use") < card.index(TEXT.strip()) < card.index("## How to cite")
    assert f"| `failures/ink.jpg` | picture of this card | 0.0 kB | `{'a' * 64}` |" in card
    bundle = tmp_path / "bundle"
    bundle.mkdir()
    read.copy_pictures(bundle)
    assert [path.name for path in bundle.rglob("*") if path.is_file()] == ["ink.jpg"]
    assert (bundle / "failures" / "ink.jpg").read_bytes() == b"ink"


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("Some words.", "under a heading of level 2"),
        ("## One\n\n# Two", "under a heading of level 2"),
        ("## A\n![b](../other.jpg)", "Received: ../other.jpg"),
        ("## A\n![b](/etc/c.png)", "Received: /etc/c.png"),
        ("## A\n![b](https://a.b/c.svg)", "Received: https:/a.b/c.svg"),
        ("## A\n![b](none.png)", "shows none.png, which is not there"),
    ],
)
def test_what_cannot_be_shown_is_refused(notes: Path, text: str, rule: str) -> None:
    notes.write_text(text)
    with pytest.raises(ConfigError) as error:
        read_card_notes(notes)
    assert str(notes) in str(error.value)
    assert rule in str(error.value)
    assert "\n" not in str(error.value)


def test_what_is_no_text(notes: Path) -> None:
    notes.write_bytes(b"## \xff")
    with pytest.raises(ConfigError, match="must be text in UTF-8"):
        read_card_notes(notes)
