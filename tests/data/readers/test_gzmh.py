from pathlib import Path

from mitokeras.data.readers import read_dataset
from tests.data.readers.conftest import Write


def test_recognised_by_the_name_of_the_folder(tmp_path: Path, write: Write) -> None:
    for split in ("train", "test"):
        write(f"GZMH_v1/{split}/Image/{split}7_003.jpg")
        write(f"GZMH_v1/{split}/label/{split}7_003.png")
    dataset = read_dataset(tmp_path / "GZMH_v1")
    assert dataset.layout == "gzmh"
    assert [(field.case, field.split) for field in dataset.fields] == [
        ("test7", "test"),
        ("train7", "train"),
    ]
    assert any("spacing assumed" in note for note in dataset.notes)


def test_chosen_by_the_user_elsewhere(tmp_path: Path, write: Write) -> None:
    write("data/imgs/1_1.jpg")
    write("data/gt/1_1.png")
    (field,) = read_dataset(tmp_path / "data", layout="gzmh", spacing_um_px=0.23).fields
    assert (field.case, field.spacing_um_px) == ("1", 0.23)
