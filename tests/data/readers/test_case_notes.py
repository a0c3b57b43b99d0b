from pathlib import Path

import pytest

from mitokeras.data.readers.case_notes import notes_on_guessed


def paths(**cases: str) -> dict[Path, str]:
    return {Path("set/images") / f"{name}.png": case for name, case in cases.items()}


def test_cases_are_counted() -> None:
    assert notes_on_guessed({}) == []
    assert notes_on_guessed(paths(a="P1", b="P1", c="P2"), "no table: ") == [
        "no table: 2 cases taken from sub-folders and file names"
    ]


@pytest.mark.parametrize(
    "cases",
    [
        {f"S1_t{i}": f"S1_t{i}" for i in range(3)},
        {f"slideA_{i}_{j}": f"slideA_{i}" for i in range(3) for j in range(2)},
        {f"{i}": f"{i}" for i in range(3)},
        {f"P{i}": f"P{i}" for i in range(3)},  # an image each
    ],
)
def test_cases_that_may_be_tiles_are_counted(cases: dict[str, str]) -> None:
    first = ", ".join(dict.fromkeys(cases.values()))
    assert notes_on_guessed(paths(**cases, other="other"))[1:] == [
        "3 cases differ in the numbers of their names only and may be parts of one slide, such as "
        f"{first}: a table with a column case, or a folder for each slide, says which belong "
        "together"
    ]


@pytest.mark.parametrize(
    "cases",
    [
        {f"P{i}_{j}": f"P{i}" for i in range(3) for j in range(2)},
        {"slide_1": "slide_1", "slide_2": "slide_2"},
        {f"TCGA-A{i}-A0SB": f"TCGA-A{i}-A0SB" for i in range(3)},
        {"a_1": "anna_1", "b_2": "berta_2", "c_3": "clara_3"},
    ],
)
def test_patients_are_none(cases: dict[str, str]) -> None:
    assert len(notes_on_guessed(paths(**cases))) == 1


def test_folders_say_what_a_case_is() -> None:
    cases = {Path(f"set/images/slide_{i}/a.png"): f"slide_{i}" for i in range(3)}
    assert len(notes_on_guessed(cases)) == 1
