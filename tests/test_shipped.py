"""The models that are part of the package."""

from pathlib import Path

import pytest

from mitokeras.detector_spec import read_spec
from mitokeras.export.card_notes import PICTURES
from mitokeras.held_out import LEARNED_FILE
from mitokeras.model_folder import shipped_models

MOST_NETWORK_BYTES = 4_000_000
MOST_PICTURE_BYTES = 1_000_000


@pytest.mark.parametrize("folder", shipped_models().values(), ids=lambda folder: folder.name)
def test_a_shipped_model_is_small_whole_and_described(folder: Path) -> None:
    spec = read_spec(folder)  # compares the SHA-256 of both networks
    names = {model.file for model in spec.models.values()}
    assert names == {"segmenter.tflite", "classifier.tflite"}  # the light install runs them
    assert {path.name for path in folder.iterdir()} >= {"parity.json", LEARNED_FILE}
    assert sum((folder / name).stat().st_size for name in names) < MOST_NETWORK_BYTES
    pictures = [path for path in folder.rglob("*") if path.suffix in PICTURES]
    assert sum(path.stat().st_size for path in pictures) < MOST_PICTURE_BYTES
    card = (folder / "MODEL_CARD.md").read_text("utf-8")
    assert "Not a medical device" in card
    assert "TO BE STATED" not in card
    for picture in pictures:
        assert f"({picture.relative_to(folder).as_posix()})" in card
    for model in spec.models.values():
        assert model.sha256 in card
