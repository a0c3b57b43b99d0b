"""The models that are part of the package."""

from pathlib import Path

import numpy as np
import pytest

from mitokeras.data.synthetic.field import draw_field
from mitokeras.detect.folder import DEFAULT_MODEL, shipped_models
from mitokeras.detect.learned import LEARNED_FILE
from mitokeras.detect.spec import read_spec
from mitokeras.detector import Detector
from mitokeras.export.card.notes import PICTURES
from mitokeras.train.start import read_start

MOST_NETWORK_BYTES = 4_000_000
MOST_BYTES = 18_000_000
MOST_PICTURE_BYTES = 1_000_000


@pytest.mark.parametrize("folder", shipped_models().values(), ids=lambda folder: folder.name)
def test_a_shipped_model_is_small_whole_and_described(folder: Path) -> None:
    spec = read_spec(folder)  # compares the SHA-256 of both networks
    names = {model.file for model in spec.models.values()}
    assert names == {f"{role}.tflite" for role in spec.sides}  # the light install runs them
    assert {path.name for path in folder.iterdir()} >= {"parity.json", LEARNED_FILE}
    assert sum((folder / name).stat().st_size for name in names) < MOST_NETWORK_BYTES
    assert sum(path.stat().st_size for path in folder.rglob("*.*")) < MOST_BYTES
    pictures = [path for path in folder.rglob("*") if path.suffix in PICTURES]
    assert sum(path.stat().st_size for path in pictures) < MOST_PICTURE_BYTES
    card = (folder / "MODEL_CARD.md").read_text("utf-8")
    assert "Not a medical device" in card
    assert "TO BE STATED" not in card
    for picture in pictures:
        assert f"({picture.relative_to(folder).as_posix()})" in card
    for model in spec.models.values():
        assert model.sha256 in card


@pytest.mark.parametrize("name", shipped_models())
def test_it_finds_the_figures_of_drawn_fields_that_it_has_not_seen(name: str) -> None:
    detector = Detector.load(name)
    figures = hits = detections = 0
    for seed in range(40, 52):
        field = draw_field(512, 512, seed=seed, case=seed)
        found = detector.find(field.image, 0.25)
        xy = found.xy[found.accepted]
        detections += len(xy)
        for one in field.objects:
            if one.label == "mitosis":
                figures += 1
                hits += bool((np.hypot(*(xy - (one.x, one.y)).T) < 30).any())
    assert figures > 10
    assert hits >= 0.8 * figures
    assert detections <= 1.5 * figures


@pytest.mark.parametrize("name", shipped_models())
def test_it_is_a_start_whose_licences_are_known(name: str) -> None:
    start = read_start(name)
    assert start.learned
    assert all(origin.license for origin in start.record.origins)


def test_edge_ships() -> None:
    assert DEFAULT_MODEL in shipped_models()
