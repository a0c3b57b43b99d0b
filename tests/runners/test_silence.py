import os
import subprocess
import sys

import pytest

from mitokeras.runners.silence import silent_stderr


def test_what_is_written_below_python_is_not_seen(capfd: pytest.CaptureFixture[str]) -> None:
    with silent_stderr():
        os.write(2, b"greetings")
    os.write(2, b"mine")
    assert capfd.readouterr().err == "mine"


def test_python_without_a_standard_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stderr", None)
    with silent_stderr():
        os.write(2, b"greetings")


@pytest.mark.skipif(sys.platform == "win32", reason="closes it in a shell")
def test_a_process_without_a_standard_error() -> None:
    program = (
        "import os; from mitokeras.runners.silence import silent_stderr\n"
        "with silent_stderr(): print('inside')\n"
        "try: os.fstat(2)\n"
        "except OSError: print('still none')"
    )
    done = subprocess.run(
        ["sh", "-c", 'exec "$@" 2>&-', "sh", sys.executable, "-c", program],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert done.stdout.split("\n") == ["inside", "still none", ""]
