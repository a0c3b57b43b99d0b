"""The table of an experiment as Markdown and CSV."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence
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
    for suffix, text in (("md", _markdown(result)), ("csv", _csv(result))):
        with atomic_path(folder / f"{result.target}.{suffix}") as partial:
            partial.write_text(text, encoding="utf-8", newline="\n")


def _markdown(result: ExperimentResult) -> str:
    parts = [
        f"# {_in_markdown(result.title)}",
        f"{_in_markdown(_head(result))}",
        _markdown_grid(scores_grid(result)),
    ]
    comparison = comparison_grid(result)
    if len(comparison) > 1:
        parts.append(_markdown_grid(comparison))
    parts.append(_in_markdown(" ".join(explanations(result))))
    for heading, lines in sections(result):
        items = "\n".join(map(_markdown_item, lines))
        parts.append(f"**{heading}**\n\n{items}")
    return "\n\n".join(parts) + "\n"


def _markdown_grid(grid: Sequence[Sequence[str]]) -> str:
    names, *columns = (
        [_in_markdown(cell) for cell in column] for column in zip(*grid, strict=True)
    )
    padded = [_padded(names, "<", "-"), *(_padded(column, ">", ":") for column in columns)]
    return "\n".join(f"| {' | '.join(line)} |" for line in zip(*padded, strict=True))


def _padded(cells: Sequence[str], side: str, end_of_rule: str) -> list[str]:
    width = max(map(len, cells))
    title, *rest = (f"{cell:{side}{width}}" for cell in cells)
    return [title, "-" * (width - 1) + end_of_rule, *rest]


def _in_markdown(text: str) -> str:
    return re.sub(r"([\\`*_{}\[\]<>#|~$&])", r"\\\1", " ".join(text.split()))


def _markdown_item(text: str) -> str:
    # A text that begins as a list does would be a list in the list.
    return "- " + re.sub(r"^(\d*)(?=[+.)-])", r"\1\\", _in_markdown(text))


def _head(result: ExperimentResult) -> str:
    return f"{_sentence(f'Scored after {result.stage}, {result.protocol}')} Data: " + _sentence(
        result.data
    )


def _sentence(text: str) -> str:
    return text if text.endswith(".") else f"{text}."


def _csv(result: ExperimentResult) -> str:
    text = io.StringIO()
    lines = [_record(result, row) for row in result.rows]
    columns = list(_record(result, RowResult(name="")))
    table = csv.DictWriter(text, columns, lineterminator="\n")
    table.writeheader()
    table.writerows(lines)
    return text.getvalue()


def _record(result: ExperimentResult, row: RowResult) -> dict[str, object]:
    """One line of the CSV; None is written as an empty cell."""
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
        "seconds_per_field": row.seconds_per_field,
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
