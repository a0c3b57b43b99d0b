import re

from click.testing import CliRunner

from mitokeras import __version__
from mitokeras.cli.main import COMMANDS, main


def test_every_command_is_listed_and_answers() -> None:
    help_text = CliRunner().invoke(main, ["--help"]).stdout
    for name in COMMANDS:
        assert re.search(rf"^  {name} ", help_text, re.MULTILINE)
        result = CliRunner().invoke(main, [name, "--help"])
        assert result.exit_code == 0
    assert "Not a medical device" in help_text
    assert __version__ in CliRunner().invoke(main, ["--version"]).stdout


def test_unknown_command_is_a_usage_error() -> None:
    result = CliRunner().invoke(main, ["train"])
    assert result.exit_code == 2
    assert "No such command 'train'" in result.stderr
