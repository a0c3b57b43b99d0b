"""Tables are read back, cell by cell."""

import csv
import re

import pytest

from mitokeras.reproduce.published import TABLE_3
from mitokeras.reproduce.results import Comparison, Cost, RowResult
from mitokeras.reproduce.table import write_table
from tests.reproduced import experiment, measured_row, seed_score

NASTY = r"my|model_v2 & 50% #1 $x$ {a} [b] ~c ^d \e <i>*f* `g`"

# tp, fp, fn = 3, 1, 2: precision 3/4, recall 3/5, F1 6/9.
SCORE = seed_score(3, 1, 2)


def written(tmp_path, *rows, **options):
    write_table(experiment(*rows, **options), tmp_path)
    target = options.get("target", "table2")
    return {kind: (tmp_path / f"{target}.{kind}") for kind in ("md", "csv")}


def markdown_rows(path):
    """Cells of each table of a Markdown file, split at bars that are not escaped."""
    tables = []
    for block in path.read_text(encoding="utf-8").split("\n\n"):
        if block.startswith("| "):
            lines = block.splitlines()
            cells = [
                [cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]] for line in lines
            ]
            assert len({len(line) for line in cells}) == 1
            tables.append([cells[0], *cells[2:]])
    return tables


def records(path):
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_scores_stand_beside_published_numbers(tmp_path):
    files = written(tmp_path, measured_row("DSC+CBAM", SCORE), measured_row("mine", SCORE))
    scores, _ = markdown_rows(files["md"])
    title = "published (ICPR 2012, not measured here)"
    assert scores[0][:4] == ["Row", "Precision, measured", "Recall, measured", "F1, measured"]
    assert scores[0][4:] == [f"{rate}, {title}" for rate in ("Precision", "Recall", "F1")]
    assert scores[1] == [
        "DSC+CBAM",
        "0.750 (0.688–0.812)",  # noqa: RUF001
        "0.600 (0.537–0.662)",  # noqa: RUF001
        "0.667 (0.604–0.729)",  # noqa: RUF001
        "0.2069",
        "0.9505",
        "0.3398",
    ]
    assert scores[2][4:] == ["–", "–", "–"]  # noqa: RUF001


def test_costs_and_comparison(tmp_path):
    small = Comparison(
        f1_difference=0.0004,
        f1_difference_ci95=(None, None),
        bootstrap_p=0.00031,
        mcnemar_p=1.0,
    )
    files = written(
        tmp_path,
        measured_row("other", SCORE, cost=Cost(fp32=1.25, int8=None)),
        measured_row("small", SCORE, parameters=999_600, comparison=small),
        measured_row("base", SCORE, comparison=None),
    )
    comparison = markdown_rows(files["md"])[-1]
    assert comparison[0][3] == "fp32, s/mm2 (ratio)"
    assert comparison[0][5] == "Difference of F1, against base"
    assert comparison[1] == [
        "other",
        "3.71 M",
        "45.1 G",
        "1.25 (2.50)",  # the reference takes 0.5
        "–",  # noqa: RUF001
        "−0.125 (−0.250 to +0.031)",  # noqa: RUF001
        "0.062",
        "–",  # noqa: RUF001
        "random",
    ]
    assert comparison[2][1:2] + comparison[2][5:8] == ["1.00 M", "0.000", r"\< 0.001", "1.000"]
    assert comparison[3][3:8] == ["0.5 (1.00)", "0.25 (1.00)", "reference", "–", "–"]  # noqa: RUF001
    assert comparison[0][8] == "First weights"
    first = records(files["csv"])[0]
    assert (first["fp32_seconds_per_mm2"], first["int8_seconds_per_mm2"]) == ("1.25", "")


def test_a_table_without_costs_has_no_columns_for_them(tmp_path):
    files = written(tmp_path, measured_row("mine", SCORE, cost=None))
    comparison = markdown_rows(files["md"])[-1]
    assert comparison[0][:4] == ["Row", "Parameters", "MACs", "Difference of F1, against mine"]


def test_a_learning_curve_says_what_was_learned_from(tmp_path):
    row = measured_row("50 % of the cases", SCORE, cost=None)
    row = row.changed(training_cases=3, training_figures=17)
    files = written(tmp_path, row, target="curve")
    scores = markdown_rows(files["md"])[0]
    assert scores[0][:4] == ["Row", "Training cases", "Training figures", "Precision, measured"]
    assert scores[1][:3] == ["50 % of the cases", "3", "17"]
    assert records(files["csv"])[0]["training_cases"] == "3"


def test_csv_keeps_all_digits(tmp_path):
    row = records(written(tmp_path, measured_row("DSC+CBAM", SCORE))["csv"])[0]
    assert (row["row"], row["status"], row["seeds"]) == ("DSC+CBAM", "measured", "0")
    assert row["weights"] == "random"
    assert (row["tp"], row["fp"], row["fn"]) == ("3", "1", "2")
    assert float(row["f1"]) == 6 / 9
    assert float(row["f1_ci95_low"]) == 6 / 9 - 0.0625
    assert (row["f1_sd"], row["ci95_unit"]) == ("", "case")
    assert (row["published_recall"], row["parameters"]) == ("0.9505", "3712345")
    assert (row["f1_difference"], row["mcnemar_p"]) == ("-0.125", "")
    assert row["protocol"] == "icpr2012-8um: a hit within 8 um"


def test_several_seeds_give_mean_and_deviation(tmp_path):
    # F1 is 6/9, 2/9 and 4/9: mean 4/9, sample deviation 2/9.
    scores = (seed_score(3, 1, 2, 7), seed_score(1, 3, 4, 8), seed_score(2, 2, 3, 9))
    files = written(tmp_path, measured_row("mine", *scores), measured_row("one", SCORE))
    table = markdown_rows(files["md"])[0]
    assert table[0][-1] == "Seeds"
    assert table[1][3:] == ["0.444 ± 0.222", "3"]
    assert table[2][3:] == ["0.667 (0.604–0.729)", "1"]  # noqa: RUF001
    assert "mean ± sample standard deviation over the seeds" in files["md"].read_text("utf-8")
    row = records(files["csv"])[0]
    assert (row["seeds"], row["tp"], row["fn"]) == ("7 8 9", "3 1 2", "2 4 3")
    assert float(row["f1"]) == pytest.approx(4 / 9)
    assert float(row["f1_sd"]) == pytest.approx(2 / 9)
    assert row["f1_ci95_low"] == row["ci95_unit"] == ""


def test_a_rate_that_a_seed_lacks_is_the_mean_of_the_others(tmp_path):
    row = measured_row("mine", seed_score(3, 1, 2), seed_score(0, 0, 5, 1))
    table = markdown_rows(written(tmp_path, row)["md"])[0]
    # Nothing detected: no precision, a recall and an F1 of 0; F1 of 2/3 and 0 deviates by 0.471.
    assert table[1][1:4] == ["0.750 (in 1 of 2)", "0.300 ± 0.424", "0.333 ± 0.471"]


def test_failed_rows_and_published_rows_are_marked(tmp_path):
    failed = RowResult(name="oom", model="unet", failure="out of memory\non GPU_0")
    files = written(
        tmp_path, TABLE_3[0].as_row(), failed, measured_row("mine", SCORE), target="table3"
    )
    scores, comparison = markdown_rows(files["md"])
    assert scores[1][0] == "NEC (published only)"
    assert scores[1][1:4] == ["–"] * 3  # noqa: RUF001
    assert scores[1][4:] == ["0.750", "0.590", "0.6592"]
    assert scores[2] == ["oom (failed)", *["–"] * 6]  # noqa: RUF001
    assert [row[0] for row in comparison[1:]] == ["mine"]
    text = files["md"].read_text("utf-8")
    assert "**Rows that failed**\n\n- oom: out of memory on GPU\\_0\n" in text
    assert "- All: Malon and Cosatto, J. Pathol. Inform." in text
    assert [row["status"] for row in records(files["csv"])] == [
        "published only",
        "failed",
        "measured",
    ]
    assert records(files["csv"])[1]["failure"] == "out of memory\non GPU_0"


def test_an_experiment_without_any_score(tmp_path):
    files = written(tmp_path, RowResult(name="a", failure="killed"))
    assert len(markdown_rows(files["md"])) == 1
    assert "No row was measured." in files["md"].read_text("utf-8")


def test_every_name_is_escaped(tmp_path):
    files = written(tmp_path, measured_row(NASTY, SCORE), title="100% <b>_of_ 5 & more")
    cell = markdown_rows(files["md"])[0][1][0]
    assert re.sub(r"\\([^a-z0-9\s])", r"\1", cell) == NASTY
    assert not re.search(r"(?<!\\)[|*`_<$~\[]", cell)
    assert files["md"].read_text("utf-8").startswith(r"# 100% \<b\>\_of\_ 5 \& more")
    assert records(files["csv"])[0]["row"] == NASTY


def test_a_note_that_looks_like_a_list_stays_one_item(tmp_path):
    result = experiment(measured_row("a", SCORE)).model_copy(
        update={"notes": ("1. first", "- dash", "3 % of fields")}
    )
    write_table(result, tmp_path)
    text = (tmp_path / "table2.md").read_text("utf-8")
    assert "- 1\\. first\n- \\- dash\n- 3 % of fields\n" in text


def test_the_same_result_gives_the_same_bytes(tmp_path):
    files = written(tmp_path, measured_row("DSC+CBAM", SCORE))
    first = {kind: path.read_bytes() for kind, path in files.items()}
    written(tmp_path, measured_row("DSC+CBAM", SCORE))
    assert {kind: path.read_bytes() for kind, path in files.items()} == first
    assert sorted(path.name for path in tmp_path.iterdir()) == ["table2.csv", "table2.md"]
