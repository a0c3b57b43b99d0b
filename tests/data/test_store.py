import dataclasses
import sys
from pathlib import Path
from typing import Any

import cv2
import h5py
import numpy as np
import pytest

from mitokeras.data.fields import UNLABELLED, Field, Mark
from mitokeras.data.imprints import Imprint
from mitokeras.data.loading import decode_image
from mitokeras.data.sink import Sink
from mitokeras.data.stain import DEFAULT_NORMALIZER
from mitokeras.data.stain_range import sampled, stain_numbers
from mitokeras.data.store import Store, write_store
from mitokeras.data.stored_field import stains_of
from mitokeras.data.views import View
from mitokeras.errors import DataError

HEADS = (
    b"\x89HDF",
    b"OHDR",
    b"OCHK",
    b"FRHP",
    b"FHDB",
    b"BTHD",
    b"BTLF",
    b"FAHD",
    b"FADB",
    b"BTIN",
)
"""What the parts of an HDF5 file begin with."""


def make_field(folder: Path, name: str, seed: int, spacing: float = 0.25, **labels) -> Field:
    image = np.random.default_rng(seed).integers(90, 230, (140, 260, 3), dtype=np.uint8)
    cv2.imwrite(str(folder / name), image)
    return Field(folder / name, f"case{seed}", spacing, **labels)


@pytest.fixture
def fields(tmp_path: Path) -> list[Field]:
    return [
        make_field(
            tmp_path, "a.png", 0, figures=(Mark(50.0, 60.0, subtype="atypical"),), split="test"
        ),
        make_field(tmp_path, "b.png", 1, lookalikes=(Mark(5.0, 6.0),)),
    ]


def test_what_goes_in_comes_out(tmp_path: Path, fields: list[Field]) -> None:
    path = tmp_path / "store.h5"
    write_store(fields, path, 0.25, None)
    with Store(path) as store:
        assert [f.name for f in store.fields] == ["a.png", "b.png"]
        assert [f.case for f in store.fields] == ["case0", "case1"]
        assert [f.prescribed for f in store.fields] == ["test", None]
        assert store.fields[0].figures.tolist() == [[50, 60]]
        assert store.fields[0].subtypes.tolist() == ["atypical"]
        assert store.fields[1].subtypes.tolist() == []
        assert store.fields[1].lookalikes.tolist() == [[5, 6]]
        whole = cv2.cvtColor(cv2.imread(str(fields[0].image)), cv2.COLOR_BGR2RGB)
        np.testing.assert_array_equal(store.fields[0].image(), whole)
        image, mask = store.fields[0].region(slice(40, 80), slice(30, 70))
        np.testing.assert_array_equal(image, whole[40:80, 30:70])
        assert mask[20, 20] == 1
        assert mask[0, 0] == 0
        assert store.fields[0].area_mm2 == pytest.approx(140 * 260 * 0.0625e-6)


def test_masks_that_were_cut_are_counted(tmp_path: Path, fields: list[Field]) -> None:
    mask = np.zeros((140, 260), np.uint8)
    mask[40:60, 40:60] = 255
    for name, drawn in (("hard.png", mask), ("soft.png", cv2.GaussianBlur(mask, (0, 0), 2))):
        cv2.imwrite(str(tmp_path / name), drawn)
        fields.append(
            dataclasses.replace(fields[1], lookalikes=(Mark(45, 45),), mask=tmp_path / name)
        )
    write_store(fields, tmp_path / "store.h5", 0.25, None)
    with Store(tmp_path / "store.h5") as store:
        assert (store.soft_masks, store.marked_lookalikes) == (1, 2)


def test_the_imprint_is_that_of_the_image_as_it_came(tmp_path: Path, fields: list[Field]) -> None:
    """Not of normalised stains; and what the search for overlaps has found is taken over."""
    raw = View.at(decode_image(fields[0].image), 0.25).imprint
    given = Imprint(np.array([[3, 4]], np.uint16), np.array([[5, 6, 7, 8]], np.uint16))
    fields[1] = dataclasses.replace(fields[1], imprint=given)
    path = tmp_path / "store.h5"
    write_store(fields, path, 0.25, DEFAULT_NORMALIZER)
    with Store(path) as store:
        for field, expected in zip(store.fields, (raw, given), strict=True):
            np.testing.assert_array_equal(field.imprint().xy, expected.xy)
            np.testing.assert_array_equal(field.imprint().bits, expected.bits)


def test_a_store_without_imprints_has_those_of_its_pixels(
    tmp_path: Path, fields: list[Field]
) -> None:
    path = tmp_path / "store.h5"
    write_store(fields, path, 0.25, None)
    with h5py.File(path, "r+") as file:
        del file["fields/000000/imprint"]
    with Store(path) as store:
        expected = View.at(decode_image(fields[0].image), 0.25).imprint
        np.testing.assert_array_equal(store.fields[0].imprint().bits, expected.bits)
        assert len(expected.bits) > 20


def test_fields_are_brought_to_one_spacing(tmp_path: Path) -> None:
    field = make_field(tmp_path, "a.png", 0, spacing=0.375, figures=(Mark(50.0, 60.0),))
    write_store([field], tmp_path / "store.h5", 0.25, None)
    with Store(tmp_path / "store.h5") as store:
        assert (store.fields[0].height, store.fields[0].width) == (210, 390)
        x, y = store.fields[0].figures[0]
        assert (x, y) == (75.25, 90.25)
        _, mask = store.fields[0].pixels()
        rows, columns = np.nonzero(mask)
        assert abs(columns.mean() - x) < 1
        assert abs(rows.mean() - y) < 1
        # the disc of 3.5 um
        assert mask.sum() == pytest.approx(np.pi * (3.5 / 0.25) ** 2, rel=0.15)


def test_hash_follows_the_content(tmp_path: Path, fields: list[Field]) -> None:
    def digest(some: list[Field], spacing: float = 0.25) -> str:
        path = tmp_path / "hash.h5"
        write_store(some, path, spacing, None)
        with Store(path) as store:
            return store.data_sha256

    first = digest(fields)
    assert digest(fields) == first
    assert digest(fields[::-1]) != first
    assert digest(fields, spacing=0.2) != first
    moved = Field(fields[0].image, "case0", 0.25, (Mark(51.0, 60.0),), split="test")
    assert digest([moved, fields[1]]) != first


def test_normalised_when_asked(tmp_path: Path, fields: list[Field], shared_data: Path) -> None:
    frame = sorted((shared_data / "brecahad" / "images").glob("*.jpg"))[0]
    field = Field(frame, "a", 0.25, (Mark(100.0, 100.0),))
    write_store([field], tmp_path / "plain.h5", 0.25, None)
    write_store([field], tmp_path / "normal.h5", 0.25, DEFAULT_NORMALIZER)
    with Store(tmp_path / "plain.h5") as plain, Store(tmp_path / "normal.h5") as normal:
        image, normalised = plain.fields[0].image(), normal.fields[0].image()
    np.testing.assert_array_equal(normalised, DEFAULT_NORMALIZER.transform(image))
    assert (normalised != image).any()


def test_nothing_is_left_of_a_store_that_fails(tmp_path: Path, fields: list[Field]) -> None:
    path = tmp_path / "store.h5"
    fields[1].image.write_bytes(fields[1].image.read_bytes()[:2000])
    with pytest.raises(DataError, match=r"b\.png"):
        write_store(fields, path, 0.25, None)
    with pytest.raises(DataError, match="at least one mitotic figure"):
        write_store([make_field(tmp_path, "c.png", 2)], path, 0.25, None)
    with pytest.raises(DataError, match=r"c\.png: its spacing"):
        write_store([make_field(tmp_path, "c.png", 2, spacing=1.0)], path, 0.25, None)
    assert not list(tmp_path.glob("*.h5"))
    assert not list(tmp_path.glob(".*"))


def test_half_a_store_is_not_taken_for_a_whole_one(tmp_path: Path, fields: list[Field]) -> None:
    path = tmp_path / "store.h5"
    write_store(fields, path, 0.25, None)
    cut = tmp_path / "cut.h5"
    cut.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    with pytest.raises(DataError, match=r"cut\.h5: not a store"):
        Store(cut)
    with h5py.File(path, "r+") as file:
        del file["fields/000001/mask"]
    with pytest.raises(DataError, match=r"the store of fields is damaged: .*mask"):
        Store(path)
    with h5py.File(path, "r+") as file:
        del file.attrs["format_version"]
    with pytest.raises(DataError, match="whole store of format version 5"):
        Store(path)


def test_changed_bytes_are_noticed(tmp_path: Path, fields: list[Field]) -> None:
    path = tmp_path / "store.h5"
    write_store(fields, path, 0.25, None)
    with Store(path) as store:
        pixels = store.fields[0].image()[:128, :128].tobytes()
    content = bytearray(path.read_bytes())
    position = content.index(pixels[: 64 * 3])
    content[position] ^= 1
    path.write_bytes(content)
    with Store(path) as store, pytest.raises(DataError, match=r"image of field a\.png is damaged"):
        store.fields[0].image()


def test_damage_anywhere_is_noticed(tmp_path: Path, fields: list[Field]) -> None:
    """Without the checksums HDF5 once went round in a heap without end."""
    path = tmp_path / "store.h5"
    write_store(fields, path, 0.25, None)
    content = path.read_bytes()
    with Store(path) as store:
        expected = [field.pixels() for field in store.fields]
    heads = [at for at in range(len(content) - 4) if content[at : at + 4] in HEADS]
    places = {at + step for at in heads for step in range(0, 64, 3)}
    assert len(places) > 300
    for at in sorted(places):
        path.write_bytes(content[:at] + bytes([content[at] ^ 0x5A]) + content[at + 1 :])
        try:
            with Store(path) as store:
                found = [field.pixels() for field in store.fields]
        except DataError as error:
            assert "\n" not in str(error)
            continue
        np.testing.assert_equal(found, expected)  # what was damaged is not used


def test_texts_are_kept(tmp_path: Path) -> None:
    names = ("µ.png", "b\udcff.png") if sys.platform == "linux" else ("µ.png",)
    fields = [make_field(tmp_path, "a.png", 0, figures=(Mark(50.0, 60.0),))]
    for name in names:
        (tmp_path / name).write_bytes((tmp_path / "a.png").read_bytes())
        case = f"case {name}"
        fields.append(dataclasses.replace(fields[0], image=tmp_path / name, case=case))
    write_store(fields, tmp_path / "store.h5", 0.25, None)
    with Store(tmp_path / "store.h5") as store:
        assert [field.name for field in store.fields] == ["a.png", *names]
        assert [field.case for field in store.fields] == [field.case for field in fields]
        assert [field.prescribed for field in store.fields] == [None] * len(fields)
        store.check_source(fields)


def test_changed_source_is_noticed(tmp_path: Path, fields: list[Field]) -> None:
    path = tmp_path / "store.h5"
    write_store(fields, path, 0.25, None)
    with Store(path) as store:
        store.check_source(fields)
        with pytest.raises(DataError, match="other images"):
            store.check_source(fields[:1])
        moved = dataclasses.replace(fields[0], case="another")
        with pytest.raises(DataError, match=r"a\.png: its labels changed since"):
            store.check_source([moved, *fields[1:]])
        cv2.imwrite(str(fields[0].image), np.zeros((140, 260, 3), np.uint8))
        with pytest.raises(DataError, match=r"a\.png: changed since"):
            store.check_source(fields)


@pytest.mark.skipif(sys.platform != "linux", reason="/dev/full")
@pytest.mark.parametrize("change", [lambda sink: sink.write(b"abc"), lambda sink: sink.truncate(3)])
def test_what_a_disk_does_not_take_is_said_later(change: Any) -> None:
    """Never to h5py, which once took it for a missing attribute."""
    with Sink("/dev/full", "w+b") as sink:
        assert change(sink) == 3
        assert sink.write(b"abcd") == 4
        assert sink.truncate(9) == 9
        with pytest.raises(OSError, match="/dev/full"):
            sink.check()


def test_what_is_not_labelled_is_unknown(tmp_path: Path) -> None:
    frame = tmp_path / "a.png"
    cv2.imwrite(str(frame), np.full((128, 128, 3), 200, np.uint8))
    field = Field(frame, "a", 0.25, (Mark(64.0, 64.0),), source="patches", complete=False)
    write_store([field], tmp_path / "store.h5", 0.25, None)
    with Store(tmp_path / "store.h5") as store:
        _, mask = store.fields[0].pixels()
        assert (store.fields[0].source, store.fields[0].complete) == ("patches", False)
    rows, columns = np.ogrid[:128, :128]
    distance = np.hypot(columns - 64, rows - 64)
    assert (mask[distance <= 13] == 1).all()  # a disc of 3.5 um
    assert (mask[(distance > 15) & (distance <= 40)] == 0).all()  # 10 um
    assert (mask[distance > 40] == UNLABELLED).all()


def test_what_other_fields_show_is_kept_at_the_spacing_of_the_store(
    tmp_path: Path, fields: list[Field]
) -> None:
    path = tmp_path / "store.h5"
    box = (-0.5, 19.5, 99.5, 139.5)
    shown = dataclasses.replace(fields[1], tissue="0:a.png", repeats=(box,))
    write_store([fields[0], shown], path, 0.5, None)
    with Store(path) as store:
        assert [field.tissue for field in store.fields] == ["", "0:a.png"]
        assert store.fields[0].repeats.shape == (0, 4)
        assert store.fields[1].repeats.tolist() == [[-0.5, 9.5, 49.5, 69.5]]
        store.check_source([fields[0], shown])
        with pytest.raises(DataError, match="its labels changed"):
            store.check_source(fields)


def test_the_stains_of_its_cases(
    tmp_path: Path, fields: list[Field], monkeypatch: pytest.MonkeyPatch
) -> None:
    write_store(fields, tmp_path / "store.h5", 0.25, None)
    with Store(tmp_path / "store.h5") as store:
        assert stains_of(store.fields) is None  # each case is smaller than 0.01 mm2
        monkeypatch.setattr("mitokeras.data.stain_range.LEAST_MM2", 0.0)
        found = stains_of(store.fields)
        numbers = {
            case: stain_numbers(
                np.concatenate([sampled(f.image()) for f in store.fields if f.case == case])
            )
            for case in {field.case for field in store.fields}
        }
    told = [each for each in numbers.values() if each is not None]
    assert found is not None and found.cases == len(told) > 0
    np.testing.assert_allclose(found.high, np.max(told, axis=0), atol=1e-4)
    np.testing.assert_allclose(found.low, np.min(told, axis=0), atol=1e-4)
