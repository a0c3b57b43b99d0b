import csv
import json
from collections import Counter
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mitokeras.data.synthetic import field as field_module
from mitokeras.data.synthetic.field import SyntheticField, draw_field
from mitokeras.data.synthetic.layout import plan
from mitokeras.data.synthetic.writer import write_synthetic
from mitokeras.errors import DataError

LABELS = {"mitosis", "apoptosis", "pyknosis", "lymphocyte", "smudge", "tumor_nucleus"}
PHASES = {"prometaphase", "metaphase", "anaphase", "ring"}


@pytest.fixture(scope="module")
def fields() -> list[SyntheticField]:
    return [draw_field(1024, 1024, seed=i, case=i) for i in range(6)]


def of(field: SyntheticField, *labels: str) -> list:
    return [o for o in field.objects if o.label in labels]


def redness_lost(image: np.ndarray) -> np.ndarray:
    """Optical density of the red channel, which haematoxylin absorbs and eosin hardly does."""
    return -np.log10((image[..., 0].astype(float) + 1) / 256)


def test_same_arguments_give_same_bytes() -> None:
    first, second = (draw_field(200, 300, seed=3, case=2) for _ in range(2))
    assert first.image.tobytes() == second.image.tobytes()
    assert first.mask.tobytes() == second.mask.tobytes()
    assert first.objects == second.objects


@pytest.mark.parametrize("other", [{"seed": 4, "case": 2}, {"seed": 3, "case": 1}])
def test_seed_and_case_both_change_the_image(other: dict[str, int]) -> None:
    field = draw_field(200, 300, seed=3, case=2)
    assert (draw_field(200, 300, **other).image != field.image).mean() > 0.5


def test_a_field_of_one_kind_of_tissue_has_fibres(monkeypatch: pytest.MonkeyPatch) -> None:
    layouts = []

    def planned(*arguments):
        layouts.append(plan(*arguments))
        return layouts[-1]

    monkeypatch.setattr(field_module, "plan", planned)
    draw_field(19, 2, seed=19, case=1)
    (layout,) = layouts
    assert all(np.isfinite(plane).all() for plane in (layout.depth, layout.gap, layout.along))


@settings(max_examples=12, deadline=None)
@given(height=st.integers(1, 420), width=st.integers(1, 420), seed=st.integers(0, 2**32))
def test_any_size(height: int, width: int, seed: int) -> None:
    field = draw_field(height, width, seed=seed, case=1)
    assert field.image.shape == (height, width, 3)
    assert field.image.dtype == np.uint8
    assert field.mask.shape == (height, width)
    assert field.mask.dtype == np.uint8
    for o in field.objects:
        assert o.x - o.w / 2 + 0.02 >= -0.5 and o.x + o.w / 2 - 0.02 <= width - 0.5
        assert o.y - o.h / 2 + 0.02 >= -0.5 and o.y + o.h / 2 - 0.02 <= height - 0.5


@pytest.mark.slow
def test_size_of_a_contest_frame() -> None:
    field = draw_field(2084, 2084, seed=1, case=1)
    assert field.image.shape == (2084, 2084, 3)
    assert len(of(field, "mitosis")) >= 10


def test_spacing_scales_the_objects() -> None:
    sizes = {}
    for spacing in (0.25, 0.5):
        side = int(256 / spacing)
        field = draw_field(side, side, seed=5, case=5, spacing_um_px=spacing)
        sizes[spacing] = np.mean([o.w for o in of(field, "tumor_nucleus")])
    assert sizes[0.25] / sizes[0.5] == pytest.approx(2, rel=0.1)


def test_each_mask_component_is_one_labelled_mitosis(fields: list[SyntheticField]) -> None:
    for field in fields:
        count, _, stats, centroids = cv2.connectedComponentsWithStats(field.mask, connectivity=8)
        mitoses = sorted(of(field, "mitosis"), key=lambda o: (o.x, o.y))
        assert count - 1 == len(mitoses)
        order = sorted(range(1, count), key=lambda i: tuple(centroids[i].round(2)))
        for o, i in zip(mitoses, order, strict=True):
            assert (o.x, o.y) == pytest.approx(tuple(centroids[i]), abs=0.02)
            assert (o.w, o.h) == tuple(stats[i, [cv2.CC_STAT_WIDTH, cv2.CC_STAT_HEIGHT]])


def test_mask_lies_on_dark_pixels(fields: list[SyntheticField]) -> None:
    for field in fields:
        density = redness_lost(field.image)
        assert density[field.mask > 0].mean() > 2 * density.mean()


def test_kinds_and_counts(fields: list[SyntheticField]) -> None:
    labels = Counter(o.label for f in fields for o in f.objects)
    phases = Counter(o.phase for f in fields for o in f.objects)
    assert set(labels) == LABELS
    assert set(phases) == PHASES | {None}
    for field in fields:
        assert 2 <= len(of(field, "mitosis")) <= 9
        assert all((o.phase is not None) == (o.label == "mitosis") for o in field.objects)
    lookalikes = labels["apoptosis"] + labels["pyknosis"] + labels["smudge"]
    assert 1.5 < lookalikes / labels["mitosis"] < 3.5


def test_sizes_are_those_of_cells(fields: list[SyntheticField]) -> None:
    longest_um = {
        label: np.array([0.25 * max(o.w, o.h) for f in fields for o in of(f, label)])
        for label in LABELS
    }
    assert ((longest_um["mitosis"] > 4) & (longest_um["mitosis"] < 20)).all()
    assert 7 < np.median(longest_um["mitosis"]) < 12
    assert 7 < np.median(longest_um["tumor_nucleus"]) < 13
    assert 5 < np.median(longest_um["lymphocyte"]) < 7.5
    areas_um2 = [f.mask.sum() * 0.25**2 / len(of(f, "mitosis")) for f in fields]
    assert all(15 < area < 90 for area in areas_um2)


def test_cases_differ_in_colour_more_than_fields_of_one_case() -> None:
    def colour(seed: int, case: int) -> np.ndarray:
        return draw_field(256, 256, seed=seed, case=case).image.mean((0, 1))

    within = np.std([colour(seed, 1) for seed in range(6)], axis=0).mean()
    between = np.std([colour(case, case) for case in range(6)], axis=0).mean()
    assert between > 1.5 * within


def test_darkness_alone_does_not_find_mitoses(fields: list[SyntheticField]) -> None:
    density = np.concatenate([redness_lost(f.image).ravel() for f in fields])
    truth = np.concatenate([f.mask.ravel() for f in fields]) > 0
    scores = []
    for threshold in np.linspace(density.min(), density.max(), 60):
        found = density > threshold
        hits = (found & truth).sum()
        scores.append(2 * hits / (found.sum() + truth.sum()))
    assert 0.1 < max(scores) < 0.5


def test_mitoses_are_darker_than_ordinary_nuclei(fields: list[SyntheticField]) -> None:
    for field in fields:
        density = redness_lost(field.image)
        centres = [(round(o.y), round(o.x)) for o in of(field, "tumor_nucleus")]
        assert density[field.mask > 0].mean() > np.mean([density[at] for at in centres])


def test_writer_makes_the_folder(tmp_path: Path) -> None:
    out = write_synthetic(tmp_path / "set", 4, seed=7, field_px=256, cases=2)
    assert out == tmp_path / "set"
    assert [p.name for p in tmp_path.iterdir()] == ["set"]
    assert {p.name for p in out.iterdir()} == {"images", "masks", "labels.csv", "dataset.json"}
    names = sorted(p.name for p in (out / "images").iterdir())
    assert names == sorted(p.name for p in (out / "masks").iterdir())
    assert len(names) == 4
    about = json.loads((out / "dataset.json").read_text())
    assert about["spacing_um_px"] == 0.25
    assert about["seed"] == 7
    with (out / "labels.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert list(rows[0]) == ["image", "x", "y", "label", "box_w", "box_h", "case", "phase"]
    by_case: dict[str, set[str]] = {}
    for row in rows:
        assert (out / row["image"]).is_file()
        assert row["label"] in LABELS
        assert (row["phase"] in PHASES) == (row["label"] == "mitosis")
        by_case.setdefault(row["case"], set()).add(row["image"])
    assert {case: len(images) for case, images in by_case.items()} == {"case_01": 2, "case_02": 2}
    for name in names:
        mask = np.asarray(cv2.imread(str(out / "masks" / name), cv2.IMREAD_UNCHANGED))
        mitoses = [r for r in rows if r["image"] == f"images/{name}" and r["label"] == "mitosis"]
        assert set(np.unique(mask)) <= {0, 255}
        assert cv2.connectedComponents(mask)[0] - 1 == len(mitoses)


def test_written_image_is_the_drawn_rgb(tmp_path: Path) -> None:
    out = write_synthetic(tmp_path / "set", 1, seed=7, field_px=128)
    stored = np.asarray(cv2.imread(str(next((out / "images").iterdir()))))
    # Eosin and haematoxylin both absorb green most: a swap of red and blue would show here.
    blue, green, red = stored.reshape(-1, 3).mean(0)
    assert green < blue < red + 40


def test_a_field_does_not_depend_on_how_many_are_written(tmp_path: Path) -> None:
    few = write_synthetic(tmp_path / "few", 2, seed=9, field_px=160, cases=2)
    many = write_synthetic(tmp_path / "many", 3, seed=9, field_px=160, cases=2)
    for kind in ("images", "masks"):
        for path in (few / kind).iterdir():
            assert path.read_bytes() == (many / kind / path.name).read_bytes()
    rows = (few / "labels.csv").read_text().splitlines()
    assert (many / "labels.csv").read_text().splitlines()[: len(rows)] == rows


def test_writer_refuses_a_folder_in_use(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("keep")
    with pytest.raises(DataError, match="new or empty folder"):
        write_synthetic(tmp_path, 1, seed=0, field_px=64)
    assert [p.name for p in tmp_path.iterdir()] == ["mine.txt"]


def test_writer_takes_an_empty_folder(tmp_path: Path) -> None:
    out = tmp_path / "empty"
    out.mkdir()
    write_synthetic(out, 1, seed=0, field_px=64)
    assert (out / "labels.csv").is_file()


@pytest.mark.parametrize("counts", [{"fields": 0}, {"field_px": 0}, {"cases": 0}, {"seed": -1}])
def test_writer_refuses_numbers_out_of_range(tmp_path: Path, counts: dict[str, int]) -> None:
    with pytest.raises(DataError, match="1 or more"):
        write_synthetic(tmp_path / "set", **{"fields": 1, "field_px": 64, "seed": 0} | counts)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("works", [0, 1, 3])
def test_a_failure_leaves_nothing_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, works: int
) -> None:
    write, calls = cv2.imwrite, []

    def full_disk(path: str, pixels: np.ndarray) -> bool:
        calls.append(path)
        return len(calls) <= works and write(path, pixels)

    monkeypatch.setattr(cv2, "imwrite", full_disk)
    with pytest.raises(OSError, match="could not be written"):
        write_synthetic(tmp_path / "set", 3, seed=0, field_px=64)
    assert len(calls) == works + 1
    assert not list(tmp_path.iterdir())
