"""Values that no option takes."""

import pytest
from click.testing import CliRunner

from mitokeras.cli.main import main


@pytest.mark.parametrize("value", ["nan", "inf"])
@pytest.mark.parametrize(
    "arguments",
    [
        ("predict", ".", "--field-diameter-mm"),
        ("predict", ".", "--false-per-mm2"),
        ("predict", ".", "--spacing-um-px"),
        ("watch", ".", "--settle-s"),
    ],
)
def test_numbers_are_finite(arguments: tuple[str, ...], value: str) -> None:
    done = CliRunner().invoke(main, [*arguments, value])
    assert done.exit_code != 0
    assert f"Invalid value for '{arguments[-1]}'" in done.output
