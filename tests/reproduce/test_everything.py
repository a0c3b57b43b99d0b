"""Everything at once, and the page that holds it."""

import shutil
from pathlib import Path

import pytest

from mitokeras.reproduce import everything, shares
from mitokeras.reproduce.budgets import FULL, SMOKE
from mitokeras.reproduce.page import as_grid, write_page
from mitokeras.reproduce.scale import scale_grid
from mitokeras.reproduce.workspace import Workspace, WorkspaceSettings
from tests.report.pages import Page
from tests.reproduce.conftest import Called
from tests.reproduced import experiment, measured_row, seed_score
from tests.runs import call


def page_of(out: Path) -> Page:
    return Page((out / "index.html").read_text("utf-8"))


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return Workspace.begin(
        tmp_path / "out",
        WorkspaceSettings(
            data=str(tmp_path / "fields & <cases>"), layout=None, spacing_um_px=None,
            budget="smoke", config=SMOKE, weights={},
        ),
    )  # fmt: skip


def test_each_line_says_what_is_measured_and_what_is_quoted(workspace: Workspace) -> None:
    from mitokeras.reproduce.figure import draw_figure
    from mitokeras.reproduce.published import TABLE_3
    from mitokeras.reproduce.results import RowResult

    rows = (
        TABLE_3[0].as_row(),
        RowResult(name="mine", model="unet", failure="out of memory"),
        measured_row("SCMitosis", seed_score(3, 1, 2)),
    )
    result = experiment(*rows, target="table3", title="Table 3: detectors (smoke run)")
    (workspace.root / "table3.json").write_text(result.model_dump_json())
    draw_figure(result, workspace.root)
    page = Page(write_page(workspace, {"curve": "too few <cases>"}).read_text("utf-8"))

    lines = {row[0]: row for row in page.rows}
    assert lines["NEC"][1:] == ["quoted", *["\u2013"] * 3, "0.750", "0.590", "0.6592"]
    assert lines["mine"][1] == "failed"
    # tp, fp, fn = 3, 1, 2: precision 3/4, recall 3/5, F1 6/9; intervals reach 1/16 to each side.
    cell = "0.750(0.688\u20130.812)"
    assert page.rows.index(lines["NEC"]) > 0
    measured = next(row for row in page.rows if row[:2] == ["SCMitosis", "measured, quoted"])
    assert measured[2] == cell and measured[-1] == "0.8643"
    assert lines["Table 3: detectors (smoke run)"][1] == "rows measured: 1, quoted: 2, failed: 1"
    assert lines["Learning curve: SCMitosis on shares of the training cases, both stages"][1] == (
        "not made: too few <cases>"
    )
    assert "fields & <cases>" in page.text
    assert "out of memory" in page.text
    assert "Malon and Cosatto" in page.text


def test_the_page_loads_nothing(workspace: Workspace) -> None:
    page = Page(write_page(workspace, {}).read_text("utf-8"))
    for tag, attributes in page.tags:
        assert tag not in ("script", "link", "iframe")
        address = attributes.get("src") or attributes.get("href") or ""
        assert address == "" or address.startswith(("data:", "#"))


def test_a_common_head_stands_over_its_columns() -> None:
    grid = as_grid(
        [["Row", "Recall, measured", "F1, measured", "MACs"], ["a", "0.5 (0.4)", "1", ""]]
    )
    assert grid.groups == [("", 1), ("measured", 2), ("", 1)]
    assert grid.titles == ["Row", "Recall", "F1", "MACs"]
    assert grid.lines == [[("a", ""), ("0.5", "(0.4)"), ("1", ""), ("", "")]]


def test_how_much_smaller_a_budget_is() -> None:
    lines = {line[0]: line[1:] for line in scale_grid(SMOKE)}
    assert lines["Segmenters' width, first level"] == ["8", "64", "1/8"]
    # 2 epochs of 30 steps of 8 patches, against 100 of 500 of 16.
    assert lines["Segmenters' patches seen, at most"] == ["480", "800,000", "1/1,667"]
    assert {line[3] for line in scale_grid(FULL)[1:]} == {"the same"}
    longer = FULL.updated({"classifier": {"schedule": {"epochs": 100}}})
    assert {line[3] for line in scale_grid(longer)[1:]} == {"the same", "2 times"}


@pytest.mark.slow
def test_all_goes_on_where_it_was_stopped(
    table3: Called, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the targets that ask for no further training."""
    order = ("table1", "figure7", "table3", "figure9", "figure11", "curve")
    monkeypatch.setattr(everything, "ORDER", order)
    monkeypatch.setattr(shares, "LEAST_CASES", 5)  # one more than the six leave for training
    out = Path(shutil.copytree(table3.out, tmp_path / "out"))
    arguments = [out if each == table3.out else each for each in table3.arguments]
    done = call("reproduce", "all", *arguments)
    assert done.exit_code == 1
    assert "curve: not made, a learning curve must have at least 5" in done.stderr
    page = page_of(out)
    titles = [row[0] for row in page.rows]
    assert "Figure 9: detections of both stages" in titles
    assert "SCMitosis of table 3, seed 0 (settings changed) (smoke run" in page.text
    kept = [out / "figure7.png", out / "figure9.png", *out.glob("rows/*/score.json")]
    before = [path.stat().st_mtime_ns for path in kept]
    (out / "figure11.json").unlink()  # as if it had been stopped there
    (out / "figure11.png").unlink()
    call("reproduce", "all", *arguments)
    assert [path.stat().st_mtime_ns for path in kept] == before
    assert (out / "figure11.png").is_file()
