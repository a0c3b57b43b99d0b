"""What the table of an experiment says, in words and rounded numbers, without any mark-up.

A grid is a list of lines of cells, titles first; the first cell of a line is the row's name.
"""

from __future__ import annotations

from mitokeras.report.numbers import UNDEFINED, number_text
from mitokeras.reproduce.published import PUBLISHED_ON
from mitokeras.reproduce.results import Comparison, ExperimentResult, Rates, RowResult
from mitokeras.reproduce.summary import RATES, Summary, status, summary
from mitokeras.reproduce.workspace import PRECISIONS, Precision

RATE_TITLES = ("Precision", "Recall", "F1")
RANGE = "\u2013"
MINUS = "\u2212"


def scores_grid(result: ExperimentResult) -> list[list[str]]:
    """Measured rates of all rows, and the published ones where there are any."""
    shows_seeds = _several_seeds(result)
    shows_published = any(row.published for row in result.rows)
    shows_material = result.target == "curve"
    titles = ["Row", *(f"{rate}, measured" for rate in RATE_TITLES)]
    if shows_material:
        titles[1:1] = ["Training cases", "Training figures"]
    if shows_seeds:
        titles.append("Seeds")
    if shows_published:
        titles += [f"{rate}, {published_heading(result)}" for rate in RATE_TITLES]
    lines = [titles]
    for row in result.rows:
        cells = [_name(row), *(_rate(summary(row, rate), len(row.scores)) for rate in RATES)]
        if shows_material:
            cells[1:1] = [_count(row.training_cases), _count(row.training_figures)]
        if shows_seeds:
            cells.append(str(len(row.scores)) if row.scores else UNDEFINED)
        if shows_published:
            cells.extend(_published(row.published))
        lines.append(cells)
    return lines


def comparison_grid(result: ExperimentResult) -> list[list[str]]:
    """Cost of the measured rows, and how they differ from the reference row."""
    compared = ("Difference of F1", "p (bootstrap)", "p (McNemar)")
    against = [f"{title}, against {result.reference}" for title in compared]
    costs = _cost_titles(result)
    reference = next((row for row in result.rows if row.name == result.reference), None)
    return [
        ["Row", "Parameters", "MACs", *costs.values(), *against, "First weights"],
        *(
            [
                row.name,
                _scaled(row.parameters),
                _scaled(row.macs),
                *(_cost(row, reference, precision) for precision in costs),
                *_comparison(row.comparison, row.name == result.reference),
                row.weights or UNDEFINED,
            ]
            for row in result.rows
            if row.scores
        ),
    ]


def explanations(result: ExperimentResult) -> list[str]:
    """Sentences on how to read the numbers."""
    units = {score.scores.ci95_unit or "" for row in result.rows for score in row.scores}
    if not units:
        return ["No row was measured."]
    interval = f"95 % interval by bootstrap over {' or '.join(sorted(units))}s"
    rates = "Rates are of the counts pooled over all test fields, each with its "
    if _several_seeds(result):
        rates += f"mean ± sample standard deviation over the seeds, or with the {interval}, of one."
    else:
        rates += f"{interval}."
    macs = "one 512 x 512 tile" if result.stage == "stage 1" else "one crop"
    said = [rates, f"MACs are multiply-accumulates of {macs}."]
    if _cost_titles(result):
        said.append(f"The ratio of the seconds is to those of {result.reference}.")
    if any(row.comparison for row in result.rows):
        of_seed = ", first seed" if _several_seeds(result) else ""
        said.append(
            f"Differences are row minus {result.reference}{of_seed}: paired bootstrap with its "
            "95 % interval, two-sided; exact McNemar on fields without error."
        )
    if any(status(row) == "published only" for row in result.rows):
        said.append("Rows that are published only are quoted, not measured here.")
    return said


def sections(result: ExperimentResult) -> list[tuple[str, list[str]]]:
    """Headings and the lines under them, to stand below the numbers; none is empty."""
    failed = [
        f"{row.name}: {row.failure or 'it has no score'}"
        for row in result.rows
        if status(row) == "failed"
    ]
    found = [
        ("Rows that failed", failed),
        ("Notes", list(result.notes)),
        ("Published numbers, not measured here", _sources(result)),
    ]
    return [(heading, lines) for heading, lines in found if lines]


def _several_seeds(result: ExperimentResult) -> bool:
    return any(len(row.scores) > 1 for row in result.rows)


def published_heading(result: ExperimentResult) -> str:
    data = PUBLISHED_ON.get(result.target)
    return f"published ({data}, not measured here)" if data else "published (not measured here)"


def _count(value: int | None) -> str:
    return UNDEFINED if value is None else str(value)


def _scaled(value: int | None) -> str:
    """Write a count with three digits: 3.71 M."""
    if value is None:
        return UNDEFINED
    for size, unit in ((1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k")):
        # What would be rounded up to 1000 of a unit is 1.00 of the next.
        if value >= 0.9995 * size:
            digits = max(0, 2 - sum(value / size >= limit for limit in (9.995, 99.95)))
            return f"{value / size:.{digits}f} {unit}"
    return str(value)


def _sources(result: ExperimentResult) -> list[str]:
    """One line where all published numbers come from one place, else one a row."""
    stated = {row.name: row.published_source for row in result.rows if row.published}
    if len(set(stated.values())) == 1:
        return [f"All: {next(iter(stated.values()))}"]
    return [f"{name}: {source}" for name, source in stated.items()]


def _name(row: RowResult) -> str:
    return row.name if status(row) == "measured" else f"{row.name} ({status(row)})"


def _rate(found: Summary, seeds: int) -> str:
    if found.value is None:
        return UNDEFINED
    text = number_text(found.value, 3)
    if found.interval:
        low, high = found.interval
        return f"{text} ({low:.3f}{RANGE}{high:.3f})"
    if found.deviation is not None:
        text += f" ± {found.deviation:.3f}"
    return text if found.seeds == seeds else f"{text} (in {found.seeds} of {seeds})"


def _published(rates: Rates | None) -> list[str]:
    """The digits that the source states, three at least."""
    texts = []
    for rate in RATES:
        value = getattr(rates, rate, None)
        text = number_text(value, 4)
        texts.append(text if value is None else text.removesuffix("0"))
    return texts


def _cost_titles(result: ExperimentResult) -> dict[Precision, str]:
    """Title of a column by its precision; none where no row was timed."""
    if not any(row.cost for row in result.rows):
        return {}
    return {each: f"{each}, s/mm2 (ratio)" for each in PRECISIONS}


def _cost(row: RowResult, reference: RowResult | None, precision: Precision) -> str:
    own, base = (getattr(each and each.cost, precision, None) for each in (row, reference))
    if own is None:
        return UNDEFINED
    return f"{own:.3g}" if base is None else f"{own:.3g} ({own / base:.2f})"


def _comparison(compared: Comparison | None, is_reference: bool) -> tuple[str, str, str]:
    if compared is None:
        return ("reference" if is_reference else UNDEFINED, UNDEFINED, UNDEFINED)
    difference = _signed(compared.f1_difference)
    low, high = compared.f1_difference_ci95
    if low is not None and high is not None:
        difference += f" ({_signed(low)} to {_signed(high)})"
    return difference, _p_value(compared.bootstrap_p), _p_value(compared.mcnemar_p)


def _signed(value: float | None) -> str:
    if value is None:
        return UNDEFINED
    text = f"{value:+.3f}"
    return text.replace("-", MINUS) if float(text) else "0.000"


def _p_value(value: float | None) -> str:
    if value is None:
        return UNDEFINED
    return "< 0.001" if value < 0.001 else f"{value:.3f}"
