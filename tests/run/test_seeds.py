from itertools import combinations

from mitokeras.run.seeds import stream


def first(*of: object) -> int:
    return int(stream(*of).integers(2**63))  # type: ignore[arg-type]


def test_every_purpose_and_number_has_numbers_of_its_own() -> None:
    streams = [
        (0, "segmenter patch", 1),
        (0, "segmenter patch", 2),
        (0, "classifier patch", 1),
        (1, "segmenter patch", 1),
        (0, "segmenter patch"),
        (0, "segmenter patch", 1, 1),
    ]
    assert all(first(*one) != first(*other) for one, other in combinations(streams, 2))
    assert first(*streams[0]) == first(*streams[0])
