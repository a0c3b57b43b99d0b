"""What users are told of errors that they can cause."""

from mitokeras.errors import DataError, one_line, reason_of


def test_disk_errors_name_the_file() -> None:
    assert one_line(OSError(28, "No space left on device", "a/b.h5")) == (
        "a/b.h5: No space left on device"
    )
    assert one_line(OSError(28, "No space left on device"), "out") == "out: No space left on device"
    assert one_line(OSError("unable to write\nmore")) == "unable to write more"


def test_any_message_is_one_line() -> None:
    assert one_line(DataError("a.svs: damaged:\n  tile 3")) == "a.svs: damaged: tile 3"
    assert reason_of(RuntimeError("\n")) == "RuntimeError"


def test_a_message_that_quotes_a_whole_file_is_cut() -> None:
    assert one_line(DataError("a.json: " + "x" * 10**6)) == "a.json: " + "x" * 1992 + " ..."
