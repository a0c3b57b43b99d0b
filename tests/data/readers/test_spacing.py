from pathlib import Path

import pytest

from mitokeras.data.readers import read_dataset
from mitokeras.data.readers.spacing import spacing_of, stated_spacing
from mitokeras.errors import ConfigError, DataError
from tests.data.readers.conftest import Write


def test_the_user_goes_before_the_file(tmp_path: Path, write: Write) -> None:
    assert stated_spacing(tmp_path, None) is None
    write("dataset.json", '{"spacing_um_px": 0.2}')
    assert stated_spacing(tmp_path, None) == 0.2
    assert stated_spacing(tmp_path, 0.3) == 0.3


def test_what_is_stated_goes_before_what_is_known() -> None:
    notes: list[str] = []
    assert spacing_of(0.3, 0.2, notes) == {"spacing_um_px": 0.3, "spacing_is_assumed": False}
    assert spacing_of(None, 0.2, notes) == {"spacing_um_px": 0.2, "spacing_is_assumed": False}
    assert notes == []
    for _ in range(2):
        assumed = spacing_of(None, None, notes)
        assert assumed == {"spacing_um_px": 0.25, "spacing_is_assumed": True}
    assert [note[:20] for note in notes] == ["spacing assumed 0.25"]


@pytest.mark.parametrize("given", [0.0, -0.25, 1e-320, 1e308, float("nan"), float("inf")])
def test_the_user_must_give_a_size(tmp_path: Path, given: float) -> None:
    with pytest.raises(ConfigError, match=r"spacing_um_px must be of 0\.001 to 1000 um"):
        stated_spacing(tmp_path, given)


@pytest.mark.parametrize(
    "text",
    [
        '{"spacing_um_px": "0.25"}',
        f'{{"spacing_um_px": 1{"0" * 400}}}',
        '{"spacing_um_px": Infinity}',
        '{"spacing_um_px": 1e308}',
        '{"spacing_um_px": 0}',
        '{"spacing_um_px": NaN}',
        "[]",
        "{",
    ],
)
def test_the_file_must_hold_a_size(tmp_path: Path, write: Write, text: str) -> None:
    write("dataset.json", text)
    with pytest.raises(DataError, match=r"dataset\.json"):
        stated_spacing(tmp_path, None)


LAYOUTS = {
    "points": {"images/a-01.png": "", "labels.csv": "image,x,y,label\na-01.png,1,2,mitosis\n"},
    "folders": {"images/a_01.png": "", "masks/a_01.png": ""},
    "qupath": {"a-01.png": "", "a-01.geojson": '{"type": "FeatureCollection", "features": []}'},
    "icpr2012": {"mine_7-01.png": "", "mine_7-01.csv": "1,2,3,4\n"},
    "asap": {"a.png": "", "a.xml": "<ASAP_Annotations><Annotations/></ASAP_Annotations>"},
    "imagescope": {"a.png": "", "a.xml": "<Annotations/>"},
    "midog": {
        "images/001.png": "",
        "a.json": '{"images": [{"id": 1, "file_name": "001.png", "width": 9, "height": 9}], '
        '"categories": [{"id": 1, "name": "mitosis"}], "annotations": []}',
    },
}


@pytest.mark.parametrize("layout", LAYOUTS)
def test_what_nobody_states_is_assumed(tmp_path: Path, write: Write, layout: str) -> None:
    for name, content in LAYOUTS[layout].items():
        write(name, content)
    for given, is_assumed in ((None, True), (0.25, False)):
        dataset = read_dataset(tmp_path, spacing_um_px=given)
        assert dataset.layout == layout
        assert [field.spacing_is_assumed for field in dataset.fields] == [is_assumed]
    write("dataset.json", '{"spacing_um_px": 0.25}')
    assert not read_dataset(tmp_path).fields[0].spacing_is_assumed


def test_scanners_of_a_layout_are_known(tmp_path: Path, write: Write) -> None:
    write("A00_01.bmp")
    write("A00_01.csv", "1,2,3,4\n")
    assert not read_dataset(tmp_path).fields[0].spacing_is_assumed
