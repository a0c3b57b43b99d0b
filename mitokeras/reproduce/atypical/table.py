"""The table of the benchmark as Markdown and CSV, the published rows apart and marked as such."""

from __future__ import annotations

from pathlib import Path

from mitokeras.disk.files import atomic_path
from mitokeras.report.numbers import UNDEFINED, number_text
from mitokeras.reproduce.atypical.published import (
    PUBLISHED,
    REMARKS,
    TRAINED,
    Published,
    Stated,
)
from mitokeras.reproduce.atypical.results import MEASURES, AtypicalResult, Measure, PairResult
from mitokeras.reproduce.atypical.workspace import TARGET
from mitokeras.reproduce.cells import RANGE
from mitokeras.reproduce.table import escaped, markdown_grid, write_csv

TITLES: dict[Measure, str] = {
    "balanced_accuracy": "Balanced accuracy",
    "auroc": "AUROC",
    "sensitivity": "Sensitivity",
    "specificity": "Specificity",
}


def write_table(result: AtypicalResult, folder: Path) -> None:
    """Write `atypical.md` and `.csv`; the same result, the same bytes."""
    with atomic_path(folder / f"{TARGET}.md") as partial:
        partial.write_text(_markdown(result), encoding="utf-8", newline="\n")
    records = [*map(_measured_record, result.pairs), *map(_published_record, PUBLISHED)]
    write_csv(records, folder / f"{TARGET}.csv")


def _markdown(result: AtypicalResult) -> str:
    parts = [
        f"# {escaped(result.title)}",
        escaped(f"Data: {'; '.join(result.data)}."),
        "**Measured here**",
        markdown_grid(_measured_grid(result)),
        escaped(_explanation(result)),
        "**Published, quoted and never measured here**",
        markdown_grid(_published_grid()),
        escaped(" ".join(REMARKS)),
        "**Notes**",
        "\n".join(f"- {escaped(note)}" for note in result.notes),
    ]
    return "\n\n".join(parts) + "\n"


def _measured_grid(result: AtypicalResult) -> list[list[str]]:
    titles = ["Trained on, tested on", "Figures", "Trainings", *TITLES.values(), "At 0.5",
              "First seed, float32", "First seed, int8"]  # fmt: skip
    return [titles, *map(_measured_cells, result.pairs)]


def _measured_cells(pair: PairResult) -> list[str]:
    mean = pair.mean
    return [
        f"{pair.trained}, {pair.tested}",
        f"{mean.normal} + {mean.atypical}",
        str(len(pair.seeds)),
        *(_mean_text(pair, measure) for measure in MEASURES),
        number_text(pair.at_half, 3),
        number_text(pair.seeds[0].balanced_accuracy, 3),
        number_text(pair.int8.balanced_accuracy if pair.int8 else None, 3),
    ]


def _mean_text(pair: PairResult, measure: Measure) -> str:
    """The mean, its deviation over the trainings where there are several, and its interval."""
    deviation = pair.deviation(measure)
    spread = "" if deviation is None else f" ± {deviation:.3f}"
    low, high = getattr(pair.mean.ci95, measure) or (None, None)
    interval = f"{number_text(low, 3)}{RANGE}{number_text(high, 3)}"
    return f"{number_text(getattr(pair.mean, measure), 3)}{spread} ({interval})"


def _explanation(result: AtypicalResult) -> str:
    units = " or ".join(sorted({f"{pair.mean.ci95_unit}s" for pair in result.pairs}))
    return (
        "Figures: normal + atypical of the test set. Each cell: mean over the trainings ± their "
        "sample standard deviation (95 % interval of this mean, by bootstrap over the test set's "
        f"{units}, the same for all trainings). Atypical is the positive class. At 0.5: balanced "
        "accuracy at this threshold in place of the chosen one, as the benchmark takes it. Last "
        "two: balanced accuracy of the first seed alone."
    )


def _published_grid() -> list[list[str]]:
    titles = ["System", "Parameters", "Trained on, tested on", "Balanced accuracy", "AUROC",
              "Source"]  # fmt: skip
    return [
        titles,
        *(
            [
                own.system,
                own.parameters,
                f"{TRAINED}, {own.tested}",
                _stated_text(own.balanced_accuracy),
                _stated_text(own.auroc),
                own.source,
            ]
            for own in PUBLISHED
        ),
    ]


def _stated_text(stated: Stated | None) -> str:
    if stated is None:
        return UNDEFINED
    spread = "" if stated.deviation is None else f" ± {stated.deviation:.4f}"
    return f"{stated.mean:.4f}{spread}"


def _measured_record(pair: PairResult) -> dict[str, object]:
    """One line of the CSV, with all digits."""
    mean = pair.mean
    record: dict[str, object] = {
        "status": "measured",
        "system": "mitokeras stage 3",
        "parameters": "",
        "trained": pair.trained,
        "tested": pair.tested,
        "normal": mean.normal,
        "atypical": mean.atypical,
        "cases": mean.cases,
        "seeds": " ".join(str(own.seed) for own in pair.seeds),
        "thresholds": " ".join(f"{own.threshold:g}" for own in pair.seeds),
    }
    for measure in MEASURES:
        low, high = getattr(mean.ci95, measure) or (None, None)
        record |= {
            measure: getattr(mean, measure),
            f"{measure}_sd": pair.deviation(measure),
            f"{measure}_ci95_low": low,
            f"{measure}_ci95_high": high,
        }
    return record | {
        "ci95_unit": mean.ci95_unit,
        "balanced_accuracy_at_half": pair.at_half,
        "balanced_accuracy_first_seed": pair.seeds[0].balanced_accuracy,
        "balanced_accuracy_first_seed_int8": pair.int8.balanced_accuracy if pair.int8 else None,
        "source": "",
    }


def _published_record(own: Published) -> dict[str, object]:
    stated = {"balanced_accuracy": own.balanced_accuracy, "auroc": own.auroc}
    return {
        "status": "published",
        "system": own.system,
        "parameters": own.parameters,
        "trained": TRAINED,
        "tested": own.tested,
        **{name: value.mean for name, value in stated.items() if value},
        **{f"{name}_sd": value.deviation for name, value in stated.items() if value},
        "source": own.source,
    }
