"""Table 1: counted and published sizes side by side."""

import csv
import shutil
from pathlib import Path

from mitokeras.reproduce.datasets import count_datasets, sizes_grid
from tests.runs import call

DASH = "\u2013"


def test_counts_stand_beside_published_numbers(data: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    done = call("reproduce", "table1", data, "--out", out, "--budget", "smoke")
    assert done.exit_code == 0, done.output
    assert "not counted here" in done.stdout
    with (out / "table1.csv").open(encoding="utf-8") as file:
        rows = {row["name"]: row for row in csv.DictReader(file)}
    # As it was drawn: six fields of six cases; what is published is of other data sets.
    assert (rows["drawn"]["cases"], rows["drawn"]["fields"]) == ("6", "6")
    assert rows["drawn"]["published_fields"] == ""
    assert (rows["GZMH"]["fields"], rows["GZMH"]["published_figures"]) == ("", "2355")
    # The figures in the masks of the fields, one component each, as `data inspect` counts them.
    inspected = call("data", "inspect", data).stdout
    assert f"mitoses       {rows['drawn']['figures']}\n" in inspected


def test_a_data_set_of_the_paper_stands_in_its_own_line(shared_data: Path, tmp_path: Path) -> None:
    contest = tmp_path / "mitos"
    shutil.copytree(shared_data / "icpr2012_format", contest / "training")
    table = count_datasets([contest])
    lines = {line[0]: line[1:] for line in sizes_grid(table)}
    # All labels of the contest's training set are there, and two of its 35 images.
    assert lines["mitos, train"][1:] == ["35", "226", "35", "226"]
    assert lines["mitos"][1:] == ["35", "226", "50", "326"]
    assert lines["ICPR 2012, evaluation (published only)"] == [DASH, DASH, DASH, "15", "100"]
    assert "mitos: 33 of the fields have labels, but no image" in table.notes
