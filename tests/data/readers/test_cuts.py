"""Fields that are cut out of slides."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import shapely

from mitokeras.data.fields import Field, Mark
from mitokeras.data.known import area_px
from mitokeras.data.loading import load_field
from mitokeras.data.readers import read_dataset
from mitokeras.data.readers.cuts import CELL_UM, LARGEST_UM, SURROUNDINGS_UM, cut, moved
from mitokeras.errors import DataError
from tests.data.readers.test_qupath import feature, write_features
from tests.slides import noise_image, write_huge_aperio

SLIDE = Field(Path("S1.svs"), "S1", 0.25)
MARGIN_PX, CELL_PX, LARGEST_PX = (round(um / 0.25) for um in (SURROUNDINGS_UM, CELL_UM, LARGEST_UM))


def with_figures(*places: tuple[float, float]) -> Field:
    return replace(SLIDE, figures=tuple(Mark(x, y) for x, y in places), complete=False)


def windows(fields: list[Field]) -> list[tuple[int, int, int, int]]:
    return [field.window for field in fields if field.window is not None]


def test_a_field_that_is_no_larger_stays_whole() -> None:
    field = with_figures((5, 5))
    assert cut(field, LARGEST_PX, LARGEST_PX) == [field]
    (part,) = cut(field, LARGEST_PX + 1, LARGEST_PX)
    assert part.window == (0, 0, MARGIN_PX + CELL_PX, MARGIN_PX + CELL_PX)
    assert part.name == "S1.svs [x=0,y=0,w=320,h=320]"


def test_near_ones_share_a_field_and_far_ones_do_not() -> None:
    near = with_figures((1000, 1000), (1400, 1200))
    (part,) = cut(near, 20_000, 20_000)
    x, y, width, height = part.window or (0, 0, 0, 0)
    assert (x, y) == (704, 704) and (x + width, y + height) == (1664, 1472)
    assert [(mark.x + x, mark.y + y) for mark in part.figures] == [(1000, 1000), (1400, 1200)]
    assert len(cut(with_figures((1000, 1000), (1700, 1000)), 20_000, 20_000)) == 2


@pytest.mark.parametrize("count", [1, 30, 300])
def test_no_tissue_is_in_two_fields_and_nothing_is_lost(count: int) -> None:
    rng = np.random.default_rng(count)
    xy = rng.random((count, 2)) * (20_000, 16_000) - 0.5
    area = shapely.box(3000, 3000, 9000, 5000)
    slide = replace(with_figures(*map(tuple, xy.tolist())), labelled=area, complete=True)
    parts = cut(slide, 20_000, 16_000)
    boxes = [shapely.box(x, y, x + w, y + h) for x, y, w, h in windows(parts)]
    assert shapely.union_all(boxes).area == sum(box.area for box in boxes)
    assert shapely.box(0, 0, 20_000, 16_000).contains(shapely.union_all(boxes))
    assert max(max(w, h) for _, _, w, h in windows(parts)) <= LARGEST_PX
    found = [(m.x + p.window[0], m.y + p.window[1]) for p in parts if p.window for m in p.figures]
    found.sort()
    assert np.allclose(found, sorted(map(tuple, xy.tolist())))
    none = np.zeros((0, 4))
    sizes = [(part, *window[2:]) for part, window in zip(parts, windows(parts), strict=True)]
    labelled = sum(area_px(w, h, p.labelled, none) for p, w, h in sizes if p.complete)
    assert labelled == pytest.approx(area.area)


def test_what_lies_just_beyond_a_seam_is_unsure() -> None:
    area = shapely.box(0, 0, 3 * LARGEST_PX, 1000)
    beyond = [Mark(LARGEST_PX + dx, 500.0) for dx in (-41.0, -39.0, 39.0, 41.0)]
    slide = replace(SLIDE, labelled=area, lookalikes=tuple(beyond))
    first, second, *_ = cut(slide, 20_000, 16_000)
    assert windows([first, second])[1][0] == LARGEST_PX
    assert [m.x for m in first.lookalikes] == [LARGEST_PX - 41, LARGEST_PX - 39]
    assert [m.x for m in first.unsure] == [LARGEST_PX + 39]
    assert [m.x for m in second.unsure] == [-39]
    assert [m.x for m in second.lookalikes] == [39, 41]


@pytest.mark.parametrize("place", [(-0.6, 9), (9, -0.6), (19_999.6, 9), (9, 15_999.6), (9, 1e6)])
@pytest.mark.parametrize("kind", ["figures", "lookalikes", "nuclei", "unsure"])
def test_a_label_beside_the_image_is_refused(kind: str, place: tuple[float, float]) -> None:
    """Such as one of another slide, level or scale; it would be in no part."""
    marks = {kind: (Mark(5, 5), Mark(*place))}
    slide = replace(SLIDE, **marks, complete=False)  # type: ignore[arg-type]
    with pytest.raises(DataError, match=r"^S1\.svs: labels must lie within its 20000 x 16000 px"):
        cut(slide, 20_000, 16_000)


def test_a_region_beside_the_image_is_refused() -> None:
    inside, across = shapely.box(0, 0, 900, 900), shapely.box(19_000, 0, 21_000, 900)
    beside = shapely.box(20_100, 0, 21_000, 900)
    slide = replace(SLIDE, labelled=shapely.MultiPolygon([inside, across]))
    assert len(cut(slide, 20_000, 16_000)) == 2
    slide = replace(SLIDE, labelled=shapely.MultiPolygon([inside, beside]))
    with pytest.raises(DataError, match=r"^S1\.svs: an area .* 20000 x 16000 px.*\(20100"):
        cut(slide, 20_000, 16_000)


def test_a_label_on_the_outer_edge_of_the_image_is_of_its_last_pixel() -> None:
    edge = with_figures((-0.5, -0.5), (19_999.5, 15_999.5))
    first, last = cut(edge, 20_000, 16_000)
    assert [(m.x, m.y) for m in first.figures] == [(-0.5, -0.5)]
    (figure,), (x, y, width, height) = last.figures, last.window or (0, 0, 0, 0)
    assert (figure.x, figure.y) == (width - 0.5, height - 0.5)
    assert (x + width, y + height) == (20_000, 16_000)


def test_labels_and_areas_are_moved_together() -> None:
    slide = replace(with_figures((5, 6)), labelled=shapely.box(0, 0, 9, 9))
    there = moved(slide, 100, 20)
    assert [(m.x, m.y) for m in there.figures] == [(105, 26)]
    assert there.labelled is not None and there.labelled.bounds == (100, 20, 109, 29)


@pytest.mark.slow
def test_a_slide_of_real_size_is_never_read_whole(tmp_path: Path) -> None:
    block = noise_image(768, 768, seed=1)
    write_huge_aperio(tmp_path / "S1.svs", block, 20_000, 16_000, tissue=(0, 0, 1, 1))
    region = [[[6000, 5000], [9000, 5000], [9000, 7000], [6000, 7000], [6000, 5000]]]
    write_features(
        tmp_path / "S1.svs.geojson",
        feature("Polygon", region, "Region*"),
        feature("MultiPoint", [[7000.5, 6000.5], [15000.5, 12000.5]], "Mitosis"),
        feature("Point", [8000.5, 6500.5], "Non-mitosis"),
    )
    dataset = read_dataset(tmp_path)
    one, two = dataset.fields
    assert (one.case, two.case) == ("S1", "S1")
    assert one.spacing_um_px == 0.25 and not one.spacing_is_assumed
    assert (one.complete, two.complete) == (True, False)
    assert sum(w * h for _, _, w, h in windows([one, two])) < 0.04 * 20_000 * 16_000
    for field in dataset.fields:
        loaded = load_field(field)
        x, y, width, height = field.window or (0, 0, 0, 0)
        assert loaded.image.shape == (height, width, 3)
        at = np.ix_(np.arange(y, y + height) % 768, np.arange(x, x + width) % 768)
        # JPEG tiles; a window that is off by a pixel would differ by far more.
        assert np.abs(loaded.image.astype(int) - block[at]).mean() < 8
        assert np.add(loaded.figures, (x, y)).tolist() in ([[7000, 6000]], [[15000, 12000]])


def test_a_slide_without_an_area_is_known_about_its_labels_only(tmp_path: Path) -> None:
    block = noise_image(768, 768, seed=1)
    write_huge_aperio(tmp_path / "S1.svs", block, 8000, 8000)
    write_features(tmp_path / "S1.geojson", feature("Point", [7000.5, 6000.5], "Mitosis"))
    dataset = read_dataset(tmp_path)
    (field,) = dataset.fields
    assert not field.complete and field.window == (6720, 5696, 576, 576)
    assert any(note.startswith("1 whole slides have no area") for note in dataset.notes)
    write_features(tmp_path / "S1.geojson")
    with pytest.raises(DataError, match="holds no labelled image"):
        read_dataset(tmp_path)
