import json

from mitokeras.text import count_of, printable


def test_everything_printable_stays() -> None:
    assert printable("Präparat <1> \"a\" 'b' 日本.svs") == "Präparat <1> \"a\" 'b' 日本.svs"


def test_line_ends_and_bytes_that_are_not_unicode_are_escaped() -> None:
    name = b"a\nb\x1b\xff".decode("utf-8", "surrogateescape")
    assert printable(name) == r"a\nb\x1b\udcff"
    assert json.dumps(printable(name)).encode("ascii")


def test_one_has_no_plural() -> None:
    assert [count_of(n, "test case") for n in (0, 1, 2)] == [
        "0 test cases",
        "1 test case",
        "2 test cases",
    ]
