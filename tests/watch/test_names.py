import pytest

from mitokeras.watch.names import file_name, key


@pytest.mark.parametrize("name", ["a.svs", "day 1/ü '<x>'.svs", "日本.svs"])
def test_a_name_that_can_be_printed_stays(name: str) -> None:
    assert key(name) == name


def test_names_that_print_alike_have_keys_of_their_own() -> None:
    names = ["a\n.svs", r"a\n.svs", "a\x1b.svs", r"a\x1b.svs", "a\\\n.svs", r"a\\n.svs"]
    names += [b"\xff".decode("utf-8", "surrogateescape"), r"\udcff"]
    keys = [key(name) for name in names]
    assert len(set(keys)) == len(names)
    assert all(each.isprintable() for each in keys)


def test_file_names_are_short_and_differ_where_capitals_do() -> None:
    assert file_name("a.svs") != file_name("A.svs")
    assert len(file_name("x" * 255 + "\udcff")) == 32
