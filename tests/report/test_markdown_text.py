from hypothesis import given
from hypothesis import strategies as st

from mitokeras.report.markdown_text import markdown_text


def test_headings_paragraphs_and_the_header() -> None:
    text = markdown_text("---\nlicense: mit\n---\n\n# A **model**\nOne\nline.\n\n## Use\nTwo.", 40)
    assert text == "A model\n=======\n\nOne line.\n\nUse\n---\n\nTwo.\n"


def test_lines_are_wrapped_lists_hang_and_quotes_are_marked() -> None:
    text = markdown_text("- one two three\n  four\n- five\n\n1. six\n\n> seven eight nine", 12)
    assert text == (
        " - one two\n   three\n   four\n - five\n\n 1 six\n\n| seven\n| eight\n| nine\n"
    )


def test_inline_marks_are_taken_off() -> None:
    cases = {
        "**bold** and *slanted* and `code`": "bold and slanted and code",
        "[name](https://a.b) [here](#below)": "name (https://a.b) here",
        "![ink](pictures/ink.jpg)": "[picture pictures/ink.jpg: ink]",
        r"\*kept\* 2 * 3 * 4 a_b &lt;b> <i>": "*kept* 2 * 3 * 4 a_b <b> <i>",
    }
    for markdown, text in cases.items():
        assert markdown_text(markdown, 80) == f"{text}\n"


def test_code_stands_as_it_is() -> None:
    text = markdown_text("Before:\n```python\na = [1,  2]\n\n# **no** heading\n```\nAfter.", 80)
    assert text == "Before:\n\n    a = [1,  2]\n\n    # **no** heading\n\nAfter.\n"


TABLE = r"""| name | what | n |
|---|:--|---:|
| a \| b | some words of it | 1 |
| `c` | | 23 |
"""


def test_a_table_in_columns() -> None:
    assert markdown_text(TABLE, 80) == (
        "name   what               n\n"
        "------ ----------------- --\n"
        "a | b  some words of it   1\n"
        "c                        23\n"
    )  # fmt: skip


def test_a_wide_table_breaks_its_cells_between_words() -> None:
    assert markdown_text(TABLE, 22) == (
        "name   what          n\n"
        "------ ------------ --\n"
        "a | b  some words    1\n"
        "       of it\n"
        "c                   23\n"
    )  # fmt: skip


def test_a_table_that_does_not_fit_is_written_row_by_row() -> None:
    wide = f"| file | sha |\n|---|---:|\n| a.tflite | {'f' * 30} |\n| b.tflite | |"
    assert markdown_text(wide, 39) == (f"* file: a.tflite\n    sha: {'f' * 30}\n* file: b.tflite\n")
    assert markdown_text(wide, 30).startswith(
        f"* file: a.tflite\n    sha:\n    {'f' * 26}\n    ffff"
    )


def test_odd_tables_are_no_errors() -> None:
    assert markdown_text("| a | b |\n| c |", 80) == "| a | b | | c |\n"
    assert markdown_text("|", 80) == "|\n"
    assert markdown_text("|---|", 80) == "|---|\n"
    assert markdown_text("| a |\n|---|", 80) == "a\n-\n"


def test_lines_are_drawn_with_what_every_code_page_has() -> None:
    text = markdown_text("- item\n\n> quote\n\n***\n\n| a |\n|---|\n| b |", 20)
    assert text.isascii()


def test_nothing_steers_the_terminal() -> None:
    text = markdown_text(
        "# \x1b[31mred\n\n| \x1b]0;x\x07 |\n\n```\n\x9b2J\r\n```\n&#x202e;&#27;", 80
    )
    assert all(c.isprintable() or c == "\n" for c in text)
    assert r"\x1b[31mred" in text
    assert r"\u202e" in text


PIECES = ["\n", "\n\n", "|", "---|", "```", "# ", "- ", "1. ", "> ", "**", "`", "[a](b)", "\\", "!",
          "![a](b)", "<b>", "&#x202e;", "&#12;"]  # fmt: skip


@given(st.lists(st.sampled_from(PIECES) | st.text(max_size=9), max_size=30), st.integers(20, 90))
def test_any_text_can_be_shown(pieces: list[str], width: int) -> None:
    text = markdown_text("".join(pieces), width)
    assert all(c.isprintable() or c == "\n" for c in text)
