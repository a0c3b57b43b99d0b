"""The mean of windows, by every format of one network that says where in its window a pixel is."""

from pathlib import Path

import numpy as np
import pytest

from mitokeras.detector import Detector
from mitokeras.export.bundle import CARD_FILE, export_run
from mitokeras.export.parity.signature import detect_signature
from mitokeras.export.trained.trained import open_run
from tests import export_runs
from tests.columns import column_in_window, mean_column_of_two

WINDOW = export_runs.TILE_PX
FIELD = export_runs.FIELD_PX
WAYS = ("keras", "tflite", "onnx", "savedmodel")


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    with pytest.MonkeyPatch.context() as patch:
        networks = export_runs.random_networks()
        networks.segmenter = column_in_window(WINDOW)
        patch.setattr(export_runs, "random_networks", lambda: networks)
        return export_runs.write_run(
            tmp_path_factory.mktemp("windows") / "run",
            tiling="windows",
            segmenter_threshold=72.5 / WINDOW,
        )


@pytest.mark.parametrize("way", WAYS)
def test_the_mean_of_two_windows(run: Path, way: str, tmp_path: Path) -> None:
    assert (WINDOW, FIELD) == (96, 128)
    folder = run if way == "keras" else export_run(run, tmp_path / way, way).folder
    detector = Detector.load(folder)
    if way != "keras":
        card = (folder / CARD_FILE).read_text(encoding="utf-8")
        assert "a field of at most 25 million pixels goes by windows of 96 px" in card
    with open_run(run) as trained:
        image = trained.fields("validation")[0].image()
    expected = mean_column_of_two(FIELD)
    np.testing.assert_allclose(detector.probability(image), expected, atol=1e-6)

    # Above the threshold are the columns 89 to 95 and 105 to 127.
    found = [detector.find(image, 0.25)]
    if way == "savedmodel":
        found.append(detect_signature(folder)(image))
    for one in found:
        np.testing.assert_allclose(one.xy, [[92, 63.5], [116, 63.5]], atol=1e-4)
        np.testing.assert_array_equal(one.area_px, [7 * FIELD, 23 * FIELD])
        np.testing.assert_allclose(one.segmenter_score, [79 / 96, 95 / 96], atol=1e-6)
    predicted = detector.predict(image, 0.25).detections
    np.testing.assert_allclose([(d.x, d.y) for d in predicted], found[0].xy, atol=0.006)
