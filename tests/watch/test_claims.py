from pathlib import Path

from mitokeras.watch.claims import claim


def test_a_claim_excludes_others_until_it_ends(tmp_path: Path) -> None:
    with (
        claim(tmp_path, "a") as first,
        claim(tmp_path, "a") as second,
        claim(tmp_path, "b") as other,
    ):
        assert (first, second, other) == (True, False, True)
    with claim(tmp_path, "a") as again:
        assert again


def test_a_claim_ends_with_an_error(tmp_path: Path) -> None:
    try:
        with claim(tmp_path, "a"):
            raise KeyError
    except KeyError:
        pass
    with claim(tmp_path, "a") as again:
        assert again


def test_any_name_gives_a_file_name_that_windows_takes(tmp_path: Path) -> None:
    names = ["CON", "a" * 255, "x<>:?*|.svs ", b"\xff.svs".decode("utf-8", "surrogateescape"), "A"]
    for name in [*names, "a"]:
        with claim(tmp_path, name) as ours:
            assert ours
    for path in tmp_path.iterdir():
        assert path.stem.isalnum() and path.suffix == ".lock" and len(path.name) < 50
