"""The table of an experiment as Markdown and CSV."""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from mitokeras.disk.files import atomic_path
from mitokeras.reproduce.cells import comparison_grid, explanations, scores_grid, sections
from mitokeras.reproduce.results import ExperimentResult, RowResult
from mitokeras.reproduce.summary import RATES, status, summary


def write_table(result: ExperimentResult, folder: Path) -> None:
    """Write TARGET.md and TARGET.csv; the same result, the same bytes.

    Markdown holds rounded numbers, each with its 95 % interval or, with several seeds, its
    standard deviation; CSV holds all digits, in one line a row.
    """
    with atomic_path(folder / f"{result.target}.md") as partial:
        partial.write_text(_markdown(result), encoding="utf-8", newline="\n")
    records = [_record(result, row) for row in result.rows]
    write_csv(records, folder / f"{result.target}.csv")


def _markdown(result: ExperimentResult) -> str:
    parts = [
        f"# {escaped(result.title)}",
        f"{escaped(_head(result))}",
        markdown_grid(scores_grid(result)),
    ]
    comparison = comparison_grid(result)
    if len(comparison) > 1:
        parts.append(markdown_grid(comparison))
    parts.append(escaped(" ".join(explanations(result))))
    for heading, lines in sections(result):
        items = "\n".join(map(_markdown_item, lines))
        parts.append(f"**{heading}**\n\n{items}")
    return "\n\n".join(parts) + "\n"


def markdown_grid(grid: Sequence[Sequence[str]]) -> str:
    """A table, titles first."""
    names, *columns = ([escaped(cell) for cell in column] for column in zip(*grid, strict=True))
    padded = [_padded(names, "<", "-"), *(_padded(column, ">", ":") for column in columns)]
    return "\n".join(f"| {' | '.join(line)} |" for line in zip(*padded, strict=True))


def _padded(cells: Sequence[str], side: str, end_of_rule: str) -> list[str]:
    width = max(map(len, cells))
    title, *rest = (f"{cell:{side}{width}}" for cell in cells)
    return [title, "-" * (width - 1) + end_of_rule, *rest]


def escaped(text: str) -> str:
    """Text in one line that Markdown shows as it is."""
    return re.sub(r"([\\`*_{}\[\]<>#|~$&])", r"\\\1", " ".join(text.split()))


def _markdown_item(text: str) -> str:
    # A text that begins as a list does would be a list in the list.
    return "- " + re.sub(r"^(\d*)(?=[+.)-])", r"\1\\", escaped(text))


def _head(result: ExperimentResult) -> str:
    return f"{_sentence(f'Scored after {result.stage}, {result.protocol}')} Data: " + _sentence(
        result.data
    )


def _sentence(text: str) -> str:
    return text if text.endswith(".") else f"{text}."


def write_csv(records: Sequence[Mapping[str, object]], path: Path) -> None:
    """Write records of the same keys, at least one; None is written as an empty cell."""
    with atomic_path(path) as partial, partial.open("w", newline="", encoding="utf-8") as file:
        table = csv.DictWriter(file, list(records[0]), lineterminator="\n")
        table.writeheader()
        table.writerows(records)


def _record(result: ExperimentResult, row: RowResult) -> dict[str, object]:
    """One line of the CSV."""
    record: dict[str, object] = {
        "target": result.target,
        "row": row.name,
        "model": row.model,
        "status": status(row),
        "failure": row.failure,
        "weights": row.weights,
        "seeds": " ".join(str(score.seed) for score in row.scores),
    }
    for count in ("tp", "fp", "fn"):
        record[count] = " ".join(str(getattr(score.scores, count)) for score in row.scores)
    for rate in RATES:
        found = summary(row, rate)
        low, high = found.interval or (None, None)
        record |= {
            rate: found.value,
            f"{rate}_sd": found.deviation,
            f"{rate}_ci95_low": low,
            f"{rate}_ci95_high": high,
        }
    record["ci95_unit"] = row.scores[0].scores.ci95_unit if len(row.scores) == 1 else None
    for rate in RATES:
        record[f"published_{rate}"] = getattr(row.published, rate, None)
    compared = row.comparison
    low, high = compared.f1_difference_ci95 if compared else (None, None)
    return record | {
        "published_source": row.published_source,
        "parameters": row.parameters,
        "macs": row.macs,
        "training_cases": row.training_cases,
        "training_figures": row.training_figures,
        "fp32_seconds_per_mm2": row.cost.fp32 if row.cost else None,
        "int8_seconds_per_mm2": row.cost.int8 if row.cost else None,
        "reference": result.reference,
        "f1_difference": compared.f1_difference if compared else None,
        "f1_difference_ci95_low": low,
        "f1_difference_ci95_high": high,
        "bootstrap_p": compared.bootstrap_p if compared else None,
        "mcnemar_p": compared.mcnemar_p if compared else None,
        "title": result.title,
        "stage": result.stage,
        "protocol": result.protocol,
        "data": result.data,
    }
