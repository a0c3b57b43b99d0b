"""What users are told of errors that they can cause."""

import errno

from mitokeras.errors import DataError, one_line, reason_of, wants_memory


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


def test_want_of_memory_is_known_by_what_an_error_came_from() -> None:
    try:
        raise DataError("a.png: cannot be decoded") from MemoryError()
    except DataError as error:
        assert wants_memory(error)
    assert wants_memory(OSError(errno.ENOMEM, "Cannot allocate memory"))
    assert not wants_memory(OSError(errno.ENOSPC, "No space left on device"))
    assert not wants_memory(DataError("a.png: damaged"))


def test_names_in_messages_do_nothing_to_a_terminal() -> None:
    assert one_line(OSError(2, "No such file", "a\x1b\n.png")) == r"a\x1b\n.png: No such file"
    assert one_line(DataError("a\x1b.png: damaged")) == r"a\x1b.png: damaged"
